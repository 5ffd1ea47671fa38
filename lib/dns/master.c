/* master: owners, directives, TTLs and classes of a master file. */
#include "dns/master.h"

#include <libknot/libknot.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dns/escape.h"
#include "dns/types.h"

#define TTL_MAX INT32_MAX
#define SHOWN 40 /* of a word that is wrong */

void master_open(struct master *m, const char *zone, const char *text, size_t len)
{
	*m = (struct master){0};
	lexer_open(&m->lexer, text, len);
	buf_addf(&m->origin, "%s.", zone);
}

void master_close(struct master *m)
{
	buf_free(&m->origin);
	buf_free(&m->data);
}

static int refuse(const struct lex_token *t, const char *why, struct err *err)
{
	int len = (int)(t->len < SHOWN ? t->len : SHOWN);
	return err_set(err, "%.*s%s %s", len, t->text, t->len > SHOWN ? "..." : "", why);
}

static int expect_end(struct master *m, struct err *err)
{
	struct lex_token t;
	if (lexer_next(&m->lexer, &t, err) < 0)
		return -1;
	return t.kind == LEX_EOL || t.kind == LEX_EOF
		   ? 0
		   : err_set(err, "the directive has too many values");
}

/* One that is above what a TTL can be is zero, as in named. */
static uint32_t limited(uint32_t ttl)
{
	return ttl > TTL_MAX ? 0 : ttl;
}

static int set_origin(
    struct master *m, const struct lex_token *t, struct buf *line, struct err *err)
{
	struct buf name = {0};
	bool absolute;
	knot_dname_storage_t wire;
	int r = escape_name(&name, t, &absolute, err);
	if (r == 0 && strcmp(buf_str(&name), "@") == 0) {
		buf_reset(&name);
		buf_adds(&name, buf_str(&m->origin));
	} else if (r == 0 && !absolute) {
		buf_addf(&name, "%s%s", strcmp(buf_str(&m->origin), ".") == 0 ? "" : ".",
		    buf_str(&m->origin));
	}
	if (r == 0 && knot_dname_from_str(wire, buf_str(&name), sizeof(wire)) == NULL)
		r = refuse(t, "is not a name", err);
	if (r == 0) {
		buf_reset(&m->origin);
		buf_adds(&m->origin, buf_str(&name));
		buf_addf(line, "$ORIGIN %s\n", buf_str(&name));
		r = expect_end(m, err) < 0 ? -1 : 1;
	}
	buf_free(&name);
	return r;
}

static int set_ttl(struct master *m, const struct lex_token *t, struct err *err)
{
	uint32_t ttl;
	if (!types_seconds(t, &ttl))
		return refuse(t, "is not a TTL", err);
	m->default_ttl = limited(ttl);
	m->has_default = true;
	return expect_end(m, err);
}

/* 1: there is a line, 0: none came of it. */
static int take_directive(
    struct master *m, const struct lex_token *word, struct buf *line, struct err *err)
{
	struct lex_token t;
	bool ttl = lexer_is(word, "$TTL"), origin = lexer_is(word, "$ORIGIN");
	bool date = lexer_is(word, "$DATE"); /* of a dump of named's; it means nothing for a zone */
	if (lexer_is(word, "$INCLUDE") || lexer_is(word, "$GENERATE"))
		return refuse(word, "is not accepted; write the records themselves", err);
	if (!ttl && !origin && !date)
		return refuse(
		    word, "is not a directive; write a name that begins with $ as \\$", err);
	if (lexer_next(&m->lexer, &t, err) < 0)
		return -1;
	if (t.kind == LEX_EOL || t.kind == LEX_EOF)
		return refuse(word, "needs a value", err);
	return date ? expect_end(m, err) : ttl ? set_ttl(m, &t, err) : set_origin(m, &t, line, err);
}

/* 0: it is no class; 1: it is IN. */
static int take_class(const struct lex_token *t, struct err *err)
{
	static const char *const others[] = {
	    "CH", "CHAOS", "HS", "HESIOD", "ANY", "NONE", "CLASS3", "CLASS4"};
	if (lexer_is(t, "IN") || lexer_is(t, "CLASS1"))
		return 1;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (lexer_is(t, others[i]))
			return refuse(t, "is not the class IN, the only one that ddo serves", err);
	}
	return 0;
}

/* Class and TTL, in any order, or neither; `t` is the type then. */
static int take_head(struct master *m, struct lex_token *t, bool *stated, struct err *err)
{
	uint32_t ttl;
	int class = take_class(t, err);
	if (class < 0 || (class > 0 && lexer_next(&m->lexer, t, err) < 0))
		return -1;
	*stated = types_seconds(t, &ttl);
	if (!*stated)
		return 0;
	m->stated_ttl = limited(ttl);
	m->has_stated = true;
	if (lexer_next(&m->lexer, t, err) < 0)
		return -1;
	if (class == 0 && (class = take_class(t, err)) > 0)
		return lexer_next(&m->lexer, t, err);
	return class < 0 ? -1 : 0;
}

/* Not by printf(3), which took a fifth of the time of a record. */
static void put_ttl(struct buf *line, uint32_t ttl)
{
	static const char class[] = " IN ";
	char digits[16];
	size_t at = sizeof(digits);
	do {
		digits[--at] = (char)('0' + ttl % 10);
		ttl /= 10;
	} while (ttl > 0);
	digits[--at] = ' ';
	buf_add(line, digits + at, sizeof(digits) - at);
	buf_add(line, class, sizeof(class) - 1);
}

/* Appends " TTL IN TYPE DATA". */
static int put_record(struct master *m, struct lex_token *t, struct buf *line, struct err *err)
{
	struct type type;
	bool stated;
	uint32_t minimum = 0;
	if (take_head(m, t, &stated, err) < 0)
		return -1;
	if (t->kind == LEX_EOL || t->kind == LEX_EOF)
		return err_set(err, "the record ends before its type");
	if (!types_find(t, &type))
		return refuse(t, "is not a record type", err);
	buf_reset(&m->data);
	int r = types_put_data(&m->data, &type, &m->lexer, buf_str(&m->origin), &minimum, err);
	if (r == 0 && !m->has_stated && !m->has_default && type.number == KNOT_RRTYPE_SOA) {
		m->default_ttl = limited(minimum);
		m->has_default = true;
	} else if (r == 0 && !m->has_stated && !m->has_default) {
		r = err_set(err, "no TTL: the record has none, and there is no $TTL before it");
	}
	if (r == 0) {
		put_ttl(line, stated || !m->has_default ? m->stated_ttl : m->default_ttl);
		types_put_name(line, &type);
		buf_add(line, m->data.data, m->data.len);
		buf_addc(line, '\n');
	}
	return r < 0 ? -1 : 1;
}

/* 1: a line, 0: none came of this one; *end: that was all. */
static int take_line(struct master *m, struct buf *line, bool *end, struct err *err)
{
	struct lex_token t;
	bool absolute;
	if (lexer_next(&m->lexer, &t, err) < 0)
		return -1;
	*end = t.kind == LEX_EOF;
	if (t.kind == LEX_EOF || t.kind == LEX_EOL)
		return 0;
	if (t.kind == LEX_WORD && t.text[0] == '$')
		return take_directive(m, &t, line, err);
	bool inherits = t.kind == LEX_BLANK;
	if (!inherits && escape_name(line, &t, &absolute, err) < 0)
		return -1;
	if (lexer_next(&m->lexer, &t, err) < 0)
		return -1;
	if (inherits && (t.kind == LEX_EOL || t.kind == LEX_EOF))
		return 0;
	if (inherits && !m->has_owner)
		return err_set(err, "a record without an owner, and none before it");
	m->has_owner = true;
	return put_record(m, &t, line, err);
}

int master_next(struct master *m, struct buf *line, uint64_t *number, struct err *err)
{
	bool end = false;
	struct err why;
	int r = 0;
	while (r == 0 && !end) {
		buf_reset(line);
		*number = m->lexer.line;
		r = take_line(m, line, &end, &why);
	}
	if (r < 0)
		err_set(err, "line %llu: %s", (unsigned long long)*number, why.text);
	return r;
}
