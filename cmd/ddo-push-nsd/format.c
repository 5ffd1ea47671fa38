/* format: reads and writes nsd.conf's zones: "zone:", then "name: X" and "zonefile: Y". */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nsd.h"

struct part { /* a clause of the file, from its first line to the next clause */
	const char *start;
	char name[NAME_SIZE];
	char *file;
	bool is_zone, plain; /* plain: nothing but a name and a file */
};

static void finish(struct include *inc, struct part *part, const char *end)
{
	if (part->is_zone && part->plain && part->name[0] != '\0' && part->file != NULL)
		include_put(inc, part->name, part->file);
	else
		include_keep(inc, part->start, (size_t)(end - part->start));
	free(part->file);
	*part = (struct part){.start = end, .plain = true};
}

/* The value after "key:", in quotes or not; -1: it does not end. */
static int value(const char *at, const char *end, const char **out, size_t *len)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	bool quoted = at < end && *at == '"';
	at += quoted;
	*out = at;
	while (at < end && (quoted ? *at != '"' : isspace((unsigned char)*at) == 0 && *at != '#'))
		at++;
	*len = (size_t)(at - *out);
	return quoted && at == end ? -1 : 0;
}

static bool is_key(const char *line, size_t len, const char *key)
{
	return len >= strlen(key) && strncmp(line, key, strlen(key)) == 0;
}

static int take_line(struct include *inc, struct part *part, const char *line, const char *end)
{
	const char *text = line, *v;
	size_t len;
	while (text < end && (*text == ' ' || *text == '\t' || *text == '\r'))
		text++;
	if (text == end || *text == '#')
		return 0;
	len = (size_t)(end - text);
	const char *colon = memchr(text, ':', len);
	if (colon == NULL || value(colon + 1, end, &v, &len) < 0)
		return -1;
	if (len == 0 || is_key(text, (size_t)(end - text), "include:")) { /* a clause starts */
		finish(inc, part, line);
		part->is_zone = is_key(text, (size_t)(end - text), "zone:");
	} else if (part->is_zone && is_key(text, (size_t)(end - text), "name:")) {
		if (name_normalize(v, len, part->name, NULL) < 0)
			part->plain = false;
	} else if (part->is_zone && is_key(text, (size_t)(end - text), "zonefile:")) {
		free(part->file);
		part->file = mem_dupn(v, len);
	} else {
		part->plain = false;
	}
	return 0;
}

static int parse(struct include *inc, const char *text, const char *end)
{
	struct part part = {.start = text, .plain = true};
	int r = 0;
	for (const char *line = text; r == 0 && line < end;) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		const char *next = stop == NULL ? end : stop + 1;
		r = take_line(inc, &part, line, stop == NULL ? end : stop);
		line = next;
	}
	if (r == 0)
		finish(inc, &part, end);
	free(r == 0 ? NULL : part.file);
	return r;
}

static void print(struct buf *out, const char *zone, const char *file)
{
	buf_addf(out, "zone:\n\tname: \"%s\"\n\tzonefile: \"%s\"\n", zone, file);
}

const struct include_format nsd_format = {
    .header = "# Written by ddo-push-nsd; zones listed here belong to ddo.\n",
    .parse = parse,
    .print = print,
    .unreadable = "a line is neither \"key: value\" nor a comment"};
