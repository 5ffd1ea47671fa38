/* rows: a JSON array that is printed while its elements come, one a line.
 *
 * A zeroed struct rows with `out` set is ready.  rows_add() for each element, then rows_end() once,
 * also when there was no element.  Nothing is kept in memory, so a list may have a million rows.
 * rows_add() takes the reference to `row`, which json_pack() made; NULL is a bug of the caller.
 * Errors of writing stay in the stream: the caller looks at ferror(3) or fflush(3) at the end.
 */
#ifndef DDO_ROWS_H
#define DDO_ROWS_H

#include <jansson.h>
#include <stdio.h>

struct rows {
	FILE *out;
	size_t count;
};

void rows_add(struct rows *r, json_t *row);
void rows_end(struct rows *r);

#endif
