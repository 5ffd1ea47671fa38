/* rows: a JSON array that is printed while its elements come. */
#include "base/rows.h"

void rows_add(struct rows *r, json_t *row)
{
	fputs(r->count++ == 0 ? "[\n" : ",\n", r->out);
	json_dumpf(row, r->out, 0);
	json_decref(row);
}

void rows_end(struct rows *r)
{
	fputs(r->count == 0 ? "[]\n" : "\n]\n", r->out);
}
