/* words: the tokens of named.conf's syntax: words, quoted strings, '{' '}' ';'.
 *
 * Set `next` and `end` to the text, then call words_next() until it returns 0 or -1.  It skips
 * comments (#, //, C) and blanks between tokens.  Nothing is allocated: a token points into the
 * text.
 */
#ifndef DDO_BIND_WORDS_H
#define DDO_BIND_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct words {
	const char *next, *end;
};

struct word {
	const char *text; /* without the quotes; escapes are left as they are */
	size_t len;       /* one of "{};" when it is punctuation */
	bool quoted;
};

/* 1: a token, 0: the end, -1: a string or comment that does not end. */
int words_next(struct words *w, struct word *out);
bool word_is(const struct word *w, const char *text); /* an unquoted word or punctuation */

#endif
