/* memory: the last report, and the marks in it. */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/report.h"

static int by_zone(const void *a, const void *b)
{
	return strcmp(((const struct mark *)a)->zone, ((const struct mark *)b)->zone);
}

uint64_t memory_bit(size_t server)
{
	return server < 64 ? UINT64_C(1) << server : 0;
}

static uint64_t read_cleared(const struct inputs *in, const json_t *list)
{
	const json_t *name;
	uint64_t bits = 0;
	size_t i;
	json_array_foreach(list, i, name)
	{
		for (size_t k = 0; json_is_string(name) && k < in->nservers; k++) {
			if (strcmp(json_string_value(name), in->servers[k].conf->hostname) == 0)
				bits |= memory_bit(k);
		}
	}
	return bits;
}

static void read_marks(struct memory *m, const struct inputs *in)
{
	json_t *list = json_object_get(m->last, "orphans"), *o;
	size_t i;
	m->marks = mem_alloc((json_array_size(list) + 1) * sizeof(*m->marks));
	json_array_foreach(list, i, o)
	{
		const char *zone = json_string_value(json_object_get(o, "zone"));
		const char *server = json_string_value(json_object_get(o, "server"));
		if (zone == NULL || server == NULL)
			continue;
		m->marks[m->nmarks++] = (struct mark){.zone = zone,
		    .server = server,
		    .seq = (uint64_t)json_integer_value(json_object_get(o, "seq")),
		    .first = json_integer_value(json_object_get(o, "first")),
		    .runs = (unsigned)json_integer_value(json_object_get(o, "runs")),
		    .cleared = read_cleared(in, json_object_get(o, "cleared"))};
	}
	if (m->nmarks > 0)
		qsort(m->marks, m->nmarks, sizeof(*m->marks), by_zone);
}

int memory_load(struct memory *m, const struct inputs *in, struct err *err)
{
	struct buf report = {0};
	int found = store_run_last(in->store, "reconcile", false, &report, err);
	if (found > 0)
		m->last = json_loadb(buf_str(&report), report.len, 0, NULL);
	buf_free(&report);
	read_marks(m, in);
	m->signed_zones = json_object();
	m->unsigned_zones = json_object();
	return found < 0 ? -1 : 0;
}

const struct mark *memory_mark(const struct memory *m, const char *zone)
{
	struct mark key = {.zone = zone};
	return m->nmarks == 0 ? NULL : bsearch(&key, m->marks, m->nmarks, sizeof(key), by_zone);
}

json_t *memory_of(const struct memory *m, const char *key)
{
	return json_object_get(json_object_get(m->last, "memory"), key);
}

int64_t memory_compared(const struct memory *m, const char *hostname)
{
	return json_integer_value(json_object_get(memory_of(m, "compared"), hostname));
}

json_t *memory_marks(const struct memory *m, const struct inputs *in)
{
	json_t *list = json_array();
	for (size_t i = 0; i < m->nnew_marks; i++) {
		const struct mark *mark = &m->new_marks[i];
		json_t *cleared = json_array();
		for (size_t k = 0; k < in->nservers; k++) {
			if ((mark->cleared & memory_bit(k)) != 0)
				json_array_append_new(
				    cleared, json_string(in->servers[k].conf->hostname));
		}
		json_array_append_new(
		    list, json_pack("{s:s,s:s,s:I,s:I,s:I,s:o}", "zone", mark->zone, "server",
			      mark->server, "seq", (json_int_t)mark->seq, "first",
			      (json_int_t)mark->first, "runs", (json_int_t)mark->runs, "cleared",
			      cleared));
	}
	return list;
}
