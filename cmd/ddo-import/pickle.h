/* pickle: reads the plain data of a Python pickle: dicts, lists, texts and numbers.
 *
 * A pickle is a program for a machine with a stack.  This machine knows only the opcodes that build
 * plain data, of protocols 0 to 5.  It refuses each opcode that would name, call or build an object
 * (GLOBAL, REDUCE, BUILD, INST, OBJ, EXT, PERSID and their like), and every other one.  Numbers of
 * values, depth of the stack, size of the memo are bounded, and nothing here recurses.
 *
 * pickle_read() reads one pickle; *used says where the next one begins.  Values and texts live
 * until pickle_free(); texts may point into `data`.  A text is valid UTF-8, and may hold NUL.  A
 * container may hold itself: walk no deeper than you must.
 */
#ifndef DDO_IMPORT_PICKLE_H
#define DDO_IMPORT_PICKLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum pickle_kind {
	PICKLE_NONE,
	PICKLE_BOOL,
	PICKLE_NUMBER,
	PICKLE_REAL,
	PICKLE_TEXT,
	PICKLE_BYTES,
	PICKLE_LIST, /* tuples, too */
	PICKLE_DICT
};

struct pickle_cell;

struct pickle_value {
	enum pickle_kind kind;
	int64_t number; /* PICKLE_BOOL, PICKLE_NUMBER */
	double real;
	const char *text;
	size_t len;
	struct pickle_cell *first, *last; /* of a container */
};

struct pickle_cell {
	struct pickle_value *key; /* NULL in a list */
	struct pickle_value *value;
	struct pickle_cell *next;
};

struct pickle;

/* 0: *root is the value.  -1: err says at which octet, and why. */
int pickle_read(struct pickle **out, const struct pickle_value **root, const char *data, size_t len,
    size_t *used, struct err *err);
void pickle_free(struct pickle *p);

/* What a dict has under a key, the last one if it is there twice; NULL: it is no dict, or has
 * none. */
const struct pickle_value *pickle_get(const struct pickle_value *dict, const char *key);

#endif
