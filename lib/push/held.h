/* held: what `ddo-push-KIND list` prints (ddo-push(7)), taken apart.
 *
 * held_parse() splits `text` in place, at most `most` lines a call, so that an event loop can do
 * other work in between; the caller keeps `text` unchanged until held_free().  One wrong line, or
 * a last line that does not end, voids the whole list (-1).  After the last call the zones are in
 * the order of strcmp().
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
	bool foreign; /* not ddo's, says the push program */
};

struct held_list {
	struct held *zones;
	size_t count, cap;
	size_t next;   /* offset of the next line */
	bool unsorted; /* as printed */
};

/* 1: more lines are left; 0: done; -1: not a list. */
int held_parse(struct held_list *l, struct buf *text, size_t most, struct err *err);
void held_free(struct held_list *l);
/* False: the serial is not known, or the zone is not served. */
bool held_serial(const struct held *h, uint32_t *serial);

#endif
