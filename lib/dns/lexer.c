/* lexer: words, quoted strings and ends of lines of a master file. */
#include "dns/lexer.h"

#include <string.h>
#include <strings.h>

static const bool ends_word[256] = {[' '] = true,
    ['\t'] = true,
    ['\r'] = true,
    ['\n'] = true,
    ['('] = true,
    [')'] = true,
    [';'] = true,
    ['"'] = true};

void lexer_open(struct lexer *l, const char *text, size_t len)
{
	*l = (struct lexer){.at = text, .end = text + len, .line = 1, .line_starts = true};
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_comment(struct lexer *l)
{
	const char *end = memchr(l->at, '\n', (size_t)(l->end - l->at));
	l->at = end == NULL ? l->end : end;
}

/* Past blanks, comments, parentheses and the ends of lines inside these. */
static int skip(struct lexer *l, struct err *err)
{
	for (; l->at < l->end; l->at++) {
		switch (*l->at) {
		case ' ':
		case '\t':
			break;
		case '\r':
			if (l->at + 1 == l->end || l->at[1] != '\n')
				return err_set(err, "CR without LF; end lines with LF or CR LF");
			break;
		case '\n':
			if (l->depth == 0)
				return 0;
			l->line++;
			break;
		case ';':
			skip_comment(l);
			l->at--;
			break;
		case '(':
			l->depth++;
			break;
		case ')':
			if (l->depth-- == 0)
				return err_set(err, "')' without '('");
			break;
		default:
			return 0;
		}
	}
	return 0;
}

/* Behind a backslash: the octet that it keeps from meaning anything. */
static int skip_escaped(struct lexer *l, struct err *err)
{
	l->at++;
	if (l->at == l->end || *l->at == '\n' || *l->at == '\r')
		return err_set(err, "a backslash stands before the end of the line");
	l->at++;
	return 0;
}

static int take_quoted(struct lexer *l, struct lex_token *t, struct err *err)
{
	t->kind = LEX_QUOTED;
	t->text = ++l->at;
	while (l->at < l->end && *l->at != '"' && *l->at != '\n') {
		if (*l->at != '\\')
			l->at++;
		else if (skip_escaped(l, err) < 0)
			return -1;
	}
	if (l->at == l->end || *l->at == '\n')
		return err_set(err, "a quoted string does not end on its line");
	t->len = (size_t)(l->at++ - t->text);
	return 0;
}

static int take_word(struct lexer *l, struct lex_token *t, struct err *err)
{
	t->kind = LEX_WORD;
	t->text = l->at;
	while (l->at < l->end && !ends_word[(unsigned char)*l->at]) {
		if (*l->at != '\\')
			l->at++;
		else if (skip_escaped(l, err) < 0)
			return -1;
	}
	t->len = (size_t)(l->at - t->text);
	return 0;
}

int lexer_next(struct lexer *l, struct lex_token *t, struct err *err)
{
	bool indented = l->line_starts && l->depth == 0 && l->at < l->end && is_blank(*l->at);
	*t = (struct lex_token){.text = l->at};
	if (indented) {
		l->line_starts = false;
		t->kind = LEX_BLANK;
		return 0;
	}
	if (skip(l, err) < 0)
		return -1;
	l->line_starts = false;
	if (l->at == l->end) {
		t->kind = LEX_EOF;
		return l->depth > 0 ? err_set(err, "'(' without ')'") : 0;
	}
	if (*l->at == '\n') {
		t->kind = LEX_EOL;
		l->line++;
		l->at++;
		l->line_starts = true;
		return 0;
	}
	return *l->at == '"' ? take_quoted(l, t, err) : take_word(l, t, err);
}

bool lexer_adjoins(const struct lexer *l, const struct lex_token *t)
{
	return l->at < l->end && l->at == t->text + t->len && *l->at == '"';
}

bool lexer_is(const struct lex_token *t, const char *word)
{
	return t->kind == LEX_WORD && strlen(word) == t->len &&
	       strncasecmp(t->text, word, t->len) == 0;
}
