/* lexer: the words of a master file (RFC 1035 section 5.1), as named's lexer finds them.
 *
 * lexer_open() on a text that stays as it is, then lexer_next() until LEX_EOF.  Blanks, comments
 * and parentheses are gone from what it gives; inside parentheses a line's end is a blank.  Nothing
 * is unescaped: a word or a quoted string is handed out as it stands in the text, without its
 * quotes. Any octet but NUL may stand in a word, a backslash keeps the next one from meaning
 * anything.
 *
 * -1, with "why" and no line, on: an end of a line inside quotes or behind a backslash, CR without
 * LF, a parenthesis without the other.  `line` is where the lexer is, counted from 1.
 */
#ifndef DDO_LEXER_H
#define DDO_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum lex_kind {
	LEX_WORD,
	LEX_QUOTED,
	LEX_BLANK, /* a line begins with blanks */
	LEX_EOL,
	LEX_EOF
};

struct lex_token {
	enum lex_kind kind;
	const char *text; /* into the lexer's text */
	size_t len;
};

struct lexer {
	const char *at, *end;
	uint64_t line;
	unsigned depth; /* of parentheses */
	bool line_starts;
};

void lexer_open(struct lexer *l, const char *text, size_t len);
int lexer_next(struct lexer *l, struct lex_token *t, struct err *err);

/* Does the next token follow the text of this one with nothing in between, as in key="value"? */
bool lexer_adjoins(const struct lexer *l, const struct lex_token *t);
/* Is the token this word, in any case of its letters? */
bool lexer_is(const struct lex_token *t, const char *word);

#endif
