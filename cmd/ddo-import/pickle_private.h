/* pickle_private: the machine (pickle_machine.c), which the opcodes (pickle_ops.c) work with.
 *
 * Functions return 0, or -1 with err set.  pickle_step() returns 1 at the end of the pickle.
 */
#ifndef DDO_IMPORT_PICKLE_PRIVATE_H
#define DDO_IMPORT_PICKLE_PRIVATE_H

#include "base/buf.h"
#include "pickle.h"

#define STACK_MOST 10000
#define MARKS_MOST 64
#define MEMO_MOST 100000
#define VALUES_MOST 100000

struct block;

struct pickle {
	struct block *blocks; /* the arena */
};

struct machine {
	const char *data;
	size_t len, at;
	size_t opcode; /* where the one under way begins */
	struct pickle *pickle;
	struct pickle_value **stack;
	size_t depth;
	size_t marks[MARKS_MOST]; /* depths */
	size_t nmarks;
	struct pickle_value **memo;
	size_t nmemo;    /* room, some of it NULL */
	size_t memoized; /* what MEMOIZE counts */
	size_t values;
	struct err *err;
};

int pickle_wrong(struct machine *m, const char *why);
int pickle_octets(struct machine *m, size_t count, const unsigned char **out);
int pickle_line(struct machine *m, const char **out, size_t *len); /* up to a newline */
int pickle_push(struct machine *m, struct pickle_value value);
int pickle_push_value(struct machine *m, struct pickle_value *v);
int pickle_push_text(struct machine *m, const char *text, size_t len);
char *pickle_keep(struct machine *m, const struct buf *text); /* a copy that the pickle owns */
int pickle_fill_one(struct machine *m, enum pickle_kind kind);
int pickle_fill_marked(struct machine *m, enum pickle_kind kind);
int pickle_collect(struct machine *m, size_t count, enum pickle_kind kind);
int pickle_step(struct machine *m, unsigned char opcode);

#endif
