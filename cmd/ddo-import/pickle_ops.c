/* pickle_ops: the opcodes of Python's pickles, those that build plain data. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pickle_private.h"

static const struct {
	char opcode;
	const char *name;
} refused[] = {{'c', "GLOBAL"}, {'\x93', "STACK_GLOBAL"}, {'R', "REDUCE"}, {'b', "BUILD"},
    {'i', "INST"}, {'o', "OBJ"}, {'\x81', "NEWOBJ"}, {'\x92', "NEWOBJ_EX"}, {'\x82', "EXT1"},
    {'\x83', "EXT2"}, {'\x84', "EXT4"}, {'P', "PERSID"}, {'Q', "BINPERSID"},
    {'\x97', "NEXT_BUFFER"}, {'\x98', "READONLY_BUFFER"}};

static int refuse(struct machine *m, unsigned char opcode)
{
	char why[96];
	snprintf(why, sizeof(why), "unknown opcode 0x%02x", opcode);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if ((unsigned char)refused[i].opcode == opcode)
			snprintf(why, sizeof(why), "%s is refused: it makes objects, not data",
			    refused[i].name);
	}
	return pickle_wrong(m, why);
}

/* A little-endian number of 1 to 8 octets. */
static int unsigned_of(struct machine *m, size_t octets, uint64_t *out)
{
	const unsigned char *at;
	if (pickle_octets(m, octets, &at) < 0)
		return -1;
	*out = 0;
	for (size_t i = 0; i < octets; i++)
		*out |= (uint64_t)at[i] << (8 * i);
	return 0;
}

/* A text or octets behind a length of `octets` octets. */
static int counted(struct machine *m, size_t octets, enum pickle_kind kind)
{
	uint64_t len;
	const unsigned char *at;
	if (unsigned_of(m, octets, &len) < 0)
		return -1;
	if (len > m->len)
		return pickle_wrong(m, "the pickle ends too early");
	if (pickle_octets(m, (size_t)len, &at) < 0)
		return -1;
	if (kind == PICKLE_TEXT)
		return pickle_push_text(m, (const char *)at, (size_t)len);
	return pickle_push(
	    m, (struct pickle_value){.kind = kind, .text = (const char *)at, .len = (size_t)len});
}

static int number(struct machine *m, int64_t value)
{
	return pickle_push(m, (struct pickle_value){.kind = PICKLE_NUMBER, .number = value});
}

static int boolean(struct machine *m, bool value)
{
	return pickle_push(m, (struct pickle_value){.kind = PICKLE_BOOL, .number = value});
}

static int fixed(struct machine *m, size_t octets)
{
	uint64_t value;
	if (unsigned_of(m, octets, &value) < 0)
		return -1;
	return number(m, octets == 4 ? (int32_t)(uint32_t)value : (int64_t)value);
}

/* A number in two's complement behind its length. */
static int counted_number(struct machine *m, size_t octets)
{
	uint64_t len, value;
	if (unsigned_of(m, octets, &len) < 0)
		return -1;
	if (len > 8)
		return pickle_wrong(m, "a number is too large");
	if (unsigned_of(m, (size_t)len, &value) < 0)
		return -1;
	if (len > 0 && len < 8 && (value >> (8 * len - 1)) != 0)
		value |= UINT64_MAX << (8 * len);
	return number(m, (int64_t)value);
}

static int real(struct machine *m)
{
	const unsigned char *at;
	uint64_t bits = 0;
	struct pickle_value v = {.kind = PICKLE_REAL};
	if (pickle_octets(m, 8, &at) < 0)
		return -1;
	for (size_t i = 0; i < 8; i++)
		bits = bits << 8 | at[i];
	memcpy(&v.real, &bits, sizeof(v.real));
	return pickle_push(m, v);
}

/* INT, LONG, FLOAT: the number is a line of text.  "00" and "01" of INT are booleans. */
static int written(struct machine *m, char opcode)
{
	const char *line;
	size_t len;
	char digits[64], *end;
	if (pickle_line(m, &line, &len) < 0)
		return -1;
	if (len == 0 || len >= sizeof(digits))
		return pickle_wrong(m, "no number");
	memcpy(digits, line, len);
	digits[len] = '\0';
	if (opcode == 'I' && (strcmp(digits, "00") == 0 || strcmp(digits, "01") == 0))
		return boolean(m, digits[1] == '1');
	errno = 0;
	struct pickle_value v = {.kind = opcode == 'F' ? PICKLE_REAL : PICKLE_NUMBER};
	if (opcode == 'F')
		v.real = strtod(digits, &end);
	else
		v.number = strtoll(digits, &end, 10);
	if (opcode == 'L' && *end == 'L')
		end++;
	if (end == digits || end != digits + len || errno != 0)
		return pickle_wrong(m, "no number");
	return pickle_push(m, v);
}

static void add_utf8(struct buf *out, unsigned long c)
{
	char octets[4];
	size_t n = 0;
	if (c < 0x80) {
		octets[n++] = (char)c;
	} else if (c < 0x800) {
		octets[n++] = (char)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		octets[n++] = (char)(0xe0 | c >> 12);
		octets[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	} else {
		octets[n++] = (char)(0xf0 | c >> 18);
		octets[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		octets[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	}
	if (c >= 0x80)
		octets[n++] = (char)(0x80 | (c & 0x3f));
	buf_add(out, octets, n);
}

/* UNICODE: a line of Latin-1 with \uXXXX and \UXXXXXXXX for everything else. */
static int unicode(struct machine *m)
{
	const char *line;
	size_t len;
	struct buf text = {0};
	int r = pickle_line(m, &line, &len);
	for (size_t i = 0; r == 0 && i < len; i++) {
		size_t digits = line[i] != '\\' || i + 1 == len ? 0
				: line[i + 1] == 'u'            ? 4
				: line[i + 1] == 'U'            ? 8
								: 0;
		char hex[9] = "";
		if (digits == 0) {
			add_utf8(&text, (unsigned char)line[i]);
			continue;
		}
		if (digits <= len - i - 2)
			memcpy(hex, line + i + 2, digits);
		unsigned long c = strtoul(hex, NULL, 16);
		if (strspn(hex, "0123456789abcdefABCDEF") != digits || c > 0x10ffff)
			r = pickle_wrong(m, "a text has a wrong escape");
		add_utf8(&text, c);
		i += digits + 1;
	}
	if (r == 0)
		r = pickle_push_text(m, pickle_keep(m, &text), text.len);
	buf_free(&text);
	return r;
}

static int memo_put(struct machine *m, uint64_t index)
{
	if (m->depth == 0)
		return pickle_wrong(m, "nothing to keep");
	if (index >= MEMO_MOST)
		return pickle_wrong(m, "the memo is too large");
	if (index >= m->nmemo) {
		size_t room = (size_t)index * 2 + 64;
		m->memo = mem_resize(m->memo, room, sizeof(struct pickle_value *));
		memset(m->memo + m->nmemo, 0, (room - m->nmemo) * sizeof(struct pickle_value *));
		m->nmemo = room;
	}
	m->memoized += m->memo[index] == NULL;
	m->memo[index] = m->stack[m->depth - 1];
	return 0;
}

static int memo_get(struct machine *m, uint64_t index)
{
	if (index >= m->nmemo || m->memo[index] == NULL)
		return pickle_wrong(m, "the memo does not have this value");
	return pickle_push_value(m, m->memo[index]);
}

/* PUT and GET (octets 0: the index is a line of text), BINPUT, LONG_BINPUT and their likes. */
static int memo(struct machine *m, size_t octets, int (*what)(struct machine *m, uint64_t index))
{
	uint64_t index;
	if (octets > 0)
		return unsigned_of(m, octets, &index) < 0 ? -1 : what(m, index);
	const char *line;
	size_t len;
	char digits[16] = "";
	if (pickle_line(m, &line, &len) < 0)
		return -1;
	if (len > 0 && len < sizeof(digits))
		memcpy(digits, line, len);
	if (digits[0] == '\0' || strspn(digits, "0123456789") != len)
		return pickle_wrong(m, "no index");
	return what(m, strtoull(digits, NULL, 10));
}

static int mark(struct machine *m)
{
	if (m->nmarks == MARKS_MOST)
		return pickle_wrong(m, "nested too deeply");
	m->marks[m->nmarks++] = m->depth;
	return 0;
}

/* DICT, LIST, TUPLE: what is above the mark becomes a container. */
static int collect_marked(struct machine *m, enum pickle_kind kind)
{
	if (m->nmarks == 0)
		return pickle_wrong(m, "no mark");
	size_t count = m->depth - m->marks[--m->nmarks];
	return pickle_collect(m, count, kind);
}

static int skip(struct machine *m, size_t octets)
{
	const unsigned char *at;
	return pickle_octets(m, octets, &at);
}

static int protocol(struct machine *m)
{
	uint64_t version;
	if (unsigned_of(m, 1, &version) < 0)
		return -1;
	return version <= 5 ? 0 : pickle_wrong(m, "the protocol is newer than 5");
}

static int stop(struct machine *m)
{
	if (m->depth != 1 || m->nmarks != 0)
		return pickle_wrong(m, "the pickle does not end with one value");
	return 1;
}

static int step_number(struct machine *m, unsigned char opcode)
{
	switch (opcode) {
	case 'J': /* BININT */
		return fixed(m, 4);
	case 'K': /* BININT1 */
		return fixed(m, 1);
	case 'M': /* BININT2 */
		return fixed(m, 2);
	case 0x8a: /* LONG1 */
		return counted_number(m, 1);
	case 0x8b: /* LONG4 */
		return counted_number(m, 4);
	case 'G': /* BINFLOAT */
		return real(m);
	case 'I': /* INT, LONG, FLOAT */
	case 'L':
	case 'F':
		return written(m, (char)opcode);
	case 'N': /* NONE */
		return pickle_push(m, (struct pickle_value){.kind = PICKLE_NONE});
	case 0x88: /* NEWTRUE, NEWFALSE */
	case 0x89:
		return boolean(m, opcode == 0x88);
	default:
		return refuse(m, opcode);
	}
}

static int step_text(struct machine *m, unsigned char opcode)
{
	switch (opcode) {
	case 'V': /* UNICODE */
		return unicode(m);
	case 'X': /* BINUNICODE */
		return counted(m, 4, PICKLE_TEXT);
	case 0x8c: /* SHORT_BINUNICODE */
		return counted(m, 1, PICKLE_TEXT);
	case 0x8d: /* BINUNICODE8 */
		return counted(m, 8, PICKLE_TEXT);
	case 'B': /* BINBYTES */
		return counted(m, 4, PICKLE_BYTES);
	case 'C': /* SHORT_BINBYTES */
		return counted(m, 1, PICKLE_BYTES);
	default:
		return step_number(m, opcode);
	}
}

static int step_memo(struct machine *m, unsigned char opcode)
{
	switch (opcode) {
	case 0x94: /* MEMOIZE */
		return memo_put(m, m->memoized);
	case 'p': /* PUT, BINPUT, LONG_BINPUT */
		return memo(m, 0, memo_put);
	case 'q':
		return memo(m, 1, memo_put);
	case 'r':
		return memo(m, 4, memo_put);
	case 'g': /* GET, BINGET, LONG_BINGET */
		return memo(m, 0, memo_get);
	case 'h':
		return memo(m, 1, memo_get);
	case 'j':
		return memo(m, 4, memo_get);
	default:
		return step_text(m, opcode);
	}
}

int pickle_step(struct machine *m, unsigned char opcode)
{
	switch (opcode) {
	case 0x80: /* PROTO */
		return protocol(m);
	case 0x95: /* FRAME: a hint for readers of streams */
		return skip(m, 8);
	case '(': /* MARK */
		return mark(m);
	case '.': /* STOP */
		return stop(m);
	case '}': /* EMPTY_DICT */
		return pickle_push(m, (struct pickle_value){.kind = PICKLE_DICT});
	case ']': /* EMPTY_LIST, EMPTY_TUPLE */
	case ')':
		return pickle_push(m, (struct pickle_value){.kind = PICKLE_LIST});
	case 'd': /* DICT */
		return collect_marked(m, PICKLE_DICT);
	case 'l': /* LIST, TUPLE */
	case 't':
		return collect_marked(m, PICKLE_LIST);
	case 0x85: /* TUPLE1, TUPLE2, TUPLE3 */
	case 0x86:
	case 0x87:
		return pickle_collect(m, opcode - 0x84U, PICKLE_LIST);
	case 'a': /* APPEND, APPENDS */
		return pickle_fill_one(m, PICKLE_LIST);
	case 'e':
		return pickle_fill_marked(m, PICKLE_LIST);
	case 's': /* SETITEM, SETITEMS */
		return pickle_fill_one(m, PICKLE_DICT);
	case 'u':
		return pickle_fill_marked(m, PICKLE_DICT);
	default:
		return step_memo(m, opcode);
	}
}
