/* held: what `ddo-push-KIND list` prints (ddo-push(7)), taken apart.
 *
 * held_parse() splits `text` in place, at most `most` lines a call, so that a loop can do other
 * things in between; `text` must stay as it is from the first call to held_free().  A list counts
 * only as a whole: what is no such line, or does not end with one, voids it.  After the last call
 * the zones are in the order of strcmp().
 */
#ifndef DDO_HELD_H
#define DDO_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct held { /* a zone on a target; strings point into the text */
	const char *zone, *serial, *digest;
	bool foreign; /* it is somebody else's, says the push program */
};

struct held_list {
	struct held *zones;
	size_t count, cap;
	size_t next;   /* offset of the next line */
	bool unsorted; /* as printed */
};

/* 1: there is more, 0: that was all, -1: it is no list. */
int held_parse(struct held_list *l, struct buf *text, size_t most, struct err *err);
void held_free(struct held_list *l);
/* The serial; false: it is not known, or the zone not served. */
bool held_serial(const struct held *h, uint32_t *serial);

#endif
