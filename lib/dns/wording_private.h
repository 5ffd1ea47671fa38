/* wording_private: the types whose names libknot does not know.
 *
 * wording_read.c has the table and looks types up by number or by name, ignoring case; the results
 * point into the table.  wording.c, which writes, uses wording_scan() to prove that its text reads
 * back as the same data.  A type that is not in the table has libknot's name, or none.
 */
#ifndef DDO_WORDING_PRIVATE_H
#define DDO_WORDING_PRIVATE_H

#include "dns/wording.h"

enum { WORDING_NAME_OF_PDNS = 1, WORDING_NAME_OF_COREDNS = 2 };

struct wording_type {
	const char *name;
	uint16_t number;
	unsigned known; /* the servers that use this name */
	/* PowerDNS wants the data as text of this type, whose data have the same form; 0: it wants
	 * the generic form. */
	uint16_t like;
};

/* NULL: there is none. */
const struct wording_type *wording_by_number(uint16_t number);
const struct wording_type *wording_by_name(const char *name);
/* Reads the data with libzscanner and appends them in generic form; false: it cannot read them. */
bool wording_scan(struct buf *out, uint16_t type, const char *data);

#endif
