/* store: zones.db, what every target should serve and what it has confirmed (ddo(7), INTERNALS.md).
 *
 * This header has the store itself, its transactions and its zones; the others in this room have
 * one part each.  Nothing outside this room sees SQLite.
 *
 * The store is SQLite in WAL mode with synchronous=FULL: what store_commit() returned 0 for
 * survives a power cut.  Only ddo-queue opens it STORE_WRITE.  STORE_READ never creates or changes
 * the file; a missing one is an error with errno ENOENT.  The WAL and its index stay on disk after
 * the writer closes (SQLITE_FCNTL_PERSIST_WAL), so that readers need no write permission.
 *
 * A zone's seq is the place of its last job in the order of acceptance (job.seq, microseconds); its
 * generation is the place of the last job that changed it.
 *
 * A struct store belongs to one thread at a time.  Strings in results are copies inside the struct.
 */
#ifndef DDO_STORE_H
#define DDO_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "dns/name.h"
#include "spool/job.h"

enum store_mode { STORE_READ, STORE_WRITE };

struct store;

int store_open(struct store **out, const char *path, enum store_mode mode, struct err *err);
void store_close(struct store *st);

int store_begin(struct store *st, struct err *err);
int store_commit(struct store *st, struct err *err);
void store_rollback(struct store *st);

struct store_zone {
	char name[NAME_SIZE];
	uint64_t generation;
	uint64_t seq;
	bool deleted;
	bool wanted;     /* its origin says that it exists; its text is still to be pulled */
	uint32_t serial; /* 0 when there is no text */
	char digest[DIGEST_HEX_SIZE];
	char origin[NAME_SIZE];
	char user[65];
	char client[64];
	char accepted[40];
	char note[256]; /* the last thing worth telling: a refused delete, a move */
};

/* 1: found, 0: the store does not know it, -1. `text` (may be NULL) gets the rendered text. */
int store_get(
    struct store *st, const char *zone, struct store_zone *out, struct buf *text, struct err *err);
/* A NULL text keeps the one that is there. */
int store_set(struct store *st, const struct store_zone *z, const char *text, size_t text_len,
    struct err *err);

/* Is this the zone's text, octet by octet?  1, 0, -1. */
int store_has_text(
    struct store *st, const char *zone, const char *text, size_t len, struct err *err);

struct store_owner {
	char origin[NAME_SIZE];
	char user[65];
};

/* 1: it is live or wanted, 0: it is not, -1. */
int store_owner(struct store *st, const char *zone, struct store_owner *out, struct err *err);
/* The greatest seq of all zones, 0: there is none. */
int store_max_seq(struct store *st, uint64_t *seq, struct err *err);

/* The zone's serial goes from `was` to `now`.  The store remembers where it went backwards from
 * (RFC 1982 section 3.2) until it is there again.  `was` 0: it is new; `now` 0: it is gone. */
int store_serial(struct store *st, const char *zone, uint32_t was, uint32_t now, struct err *err);
bool store_serial_less(uint32_t a, uint32_t b); /* RFC 1982 */

#endif
