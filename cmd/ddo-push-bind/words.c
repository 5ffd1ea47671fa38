/* words: splits named.conf into tokens. */
#include "words.h"

#include <string.h>

/* Past blanks and comments; -1: a comment does not end. */
static int skip(struct words *w)
{
	while (w->next < w->end) {
		const char *p = w->next;
		bool two = w->end - p > 1;
		if (*p != '\0' && strchr(" \t\r\n", *p) != NULL) {
			w->next++;
		} else if (*p == '#' || (two && p[0] == '/' && p[1] == '/')) {
			const char *line = memchr(p, '\n', (size_t)(w->end - p));
			w->next = line == NULL ? w->end : line + 1;
		} else if (two && p[0] == '/' && p[1] == '*') {
			const char *close = memmem(p + 2, (size_t)(w->end - p - 2), "*/", 2);
			if (close == NULL)
				return -1;
			w->next = close + 2;
		} else {
			return 0;
		}
	}
	return 0;
}

int words_next(struct words *w, struct word *out)
{
	if (skip(w) < 0)
		return -1;
	if (w->next == w->end)
		return 0;
	const char *p = w->next;
	*out = (struct word){.text = p, .len = 1};
	if (*p == '"') {
		do {
			p += *p == '\\' && w->end - p > 1 ? 2 : 1;
		} while (p < w->end && *p != '"');
		if (p >= w->end)
			return -1;
		*out = (struct word){out->text + 1, (size_t)(p - out->text - 1), true};
		w->next = p + 1;
		return 1;
	}
	if (*p != '\0' && strchr("{};", *p) != NULL) {
		w->next++;
		return 1;
	}
	while (p < w->end && (*p == '\0' || strchr("{};\" \t\r\n#", *p) == NULL))
		p++;
	out->len = (size_t)(p - out->text);
	w->next = p;
	return 1;
}

bool word_is(const struct word *w, const char *text)
{
	return !w->quoted && w->len == strlen(text) && memcmp(w->text, text, w->len) == 0;
}
