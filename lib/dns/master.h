/* master: a zone's master file, record by record (RFC 1035 section 5, RFC 2308 section 4), read as
 * named reads it and handed on as libzscanner takes it.
 *
 * master_open(), then master_next() until it gives 0.  Directives are done here: $TTL, $ORIGIN;
 * $INCLUDE and $GENERATE are refused.  A record without a TTL has that of $TTL, else the one stated
 * last (RFC 1035 section 5.1), else the minimum of the SOA that it is; one above 2^31-1 counts as 0
 * (RFC 2181 section 8).  What is wrong with a record's data is for libzscanner to find.
 *
 * -1: err says why, with the line.
 */
#ifndef DDO_MASTER_H
#define DDO_MASTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "dns/lexer.h"

struct master {
	struct lexer lexer;
	struct buf origin; /* absolute, as text */
	struct buf data;   /* of the record under way */
	bool has_owner;
	bool has_default, has_stated; /* TTLs: of $TTL, of a record */
	uint32_t default_ttl, stated_ttl;
};

/* `zone` is normal; the text stays as it is until master_close(). */
void master_open(struct master *m, const char *zone, const char *text, size_t len);
void master_close(struct master *m);

/* Puts one line into `line`: "$ORIGIN NAME" or "OWNER TTL IN TYPE DATA", the owner empty where it
 * is the one before.  *number is the line on which it begins.  1, 0: that was all, -1. */
int master_next(struct master *m, struct buf *line, uint64_t *number, struct err *err);

#endif
