/* wording_private: types that have names which libknot does not know. */
#ifndef DDO_WORDING_PRIVATE_H
#define DDO_WORDING_PRIVATE_H

#include "dns/wording.h"

enum { WORDING_NAME_OF_PDNS = 1, WORDING_NAME_OF_COREDNS = 2 };

struct wording_type {
	const char *name;
	uint16_t number;
	unsigned known; /* who calls it so */
	/* A type whose data look the same, and whose text PowerDNS wants here; 0: it wants it
	 * generic. */
	uint16_t like;
};

/* NULL: there is none. */
const struct wording_type *wording_by_number(uint16_t number);
const struct wording_type *wording_by_name(const char *name);
/* Appends the data of a record of that type, which libzscanner reads, in generic form; false: it
 * does not. */
bool wording_scan(struct buf *out, uint16_t type, const char *data);

#endif
