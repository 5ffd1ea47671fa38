/* format: reads and writes zone statements in named's syntax. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bind.h"
#include "words.h"

/* Reads one statement up to its ';'.  *is_zone: it is "zone NAME [IN] { type primary; file FILE;
 * ...
 * }".  1: a statement, 0: the end, -1: it does not end. */
static int statement(struct words *w, char zone[NAME_SIZE], char **file, bool *is_zone)
{
	struct word word, before = {0}, name = {0};
	bool zone_word = false, primary = false;
	int depth = 0;
	*file = NULL;
	for (size_t n = 0;; n++) {
		int r = words_next(w, &word);
		if (r < 0 || (r == 0 && n > 0))
			return -1;
		if (r == 0)
			return 0;
		if (n == 0)
			zone_word = word_is(&word, "zone");
		if (n == 1)
			name = word;
		if (depth == 1 && word_is(&before, "type"))
			primary = word_is(&word, "primary") || word_is(&word, "master");
		if (depth == 1 && word_is(&before, "file") && *file == NULL)
			*file = mem_dupn(word.text, word.len);
		before = word;
		depth += word_is(&word, "{");
		depth -= word_is(&word, "}");
		if (depth < 0)
			return -1;
		if (depth == 0 && word_is(&word, ";"))
			break;
	}
	*is_zone = zone_word && primary && *file != NULL &&
		   name_normalize(name.text, name.len, zone, NULL) == 0;
	return 1;
}

static int parse(struct include *inc, const char *text, const char *end)
{
	struct words w = {text, end};
	for (;;) {
		const char *start = w.next;
		char zone[NAME_SIZE], *file;
		bool is_zone = false;
		int r = statement(&w, zone, &file, &is_zone);
		if (r > 0 && is_zone)
			include_put(inc, zone, file);
		else if (r > 0)
			include_keep(inc, start, (size_t)(w.next - start));
		free(file);
		if (r <= 0)
			return r;
	}
}

static void print(struct buf *out, const char *zone, const char *file)
{
	buf_addf(out, "zone \"%s\" { type primary; file \"%s\"; };\n", zone, file);
}

const struct include_format bind_format = {
    .header = "# Written by ddo-push-bind; zones listed here belong to ddo.\n",
    .parse = parse,
    .print = print,
    .unreadable = "a statement does not end"};
