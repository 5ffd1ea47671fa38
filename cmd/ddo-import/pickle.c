/* pickle: reads one pickle, and finds what is in it. */
#include "pickle.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pickle_private.h"

int pickle_read(struct pickle **out, const struct pickle_value **root, const char *data, size_t len,
    size_t *used, struct err *err)
{
	struct machine m = {.data = data, .len = len, .err = err};
	int r = 0;
	m.pickle = mem_alloc(sizeof(*m.pickle));
	m.stack = mem_alloc(STACK_MOST * sizeof(struct pickle_value *));
	while (r == 0) {
		const unsigned char *opcode = NULL;
		m.opcode = m.at;
		r = pickle_octets(&m, 1, &opcode);
		if (r == 0)
			r = pickle_step(&m, *opcode);
	}
	*used = m.at;
	if (r > 0) {
		*root = m.stack[0];
		*out = m.pickle;
	} else {
		pickle_free(m.pickle);
	}
	free(m.stack);
	free(m.memo);
	return r > 0 ? 0 : -1;
}

const struct pickle_value *pickle_get(const struct pickle_value *dict, const char *key)
{
	const struct pickle_value *found = NULL;
	if (dict == NULL || dict->kind != PICKLE_DICT)
		return NULL;
	for (const struct pickle_cell *c = dict->first; c != NULL; c = c->next) {
		if (c->key->kind == PICKLE_TEXT && c->key->len == strlen(key) &&
		    memcmp(c->key->text, key, c->key->len) == 0)
			found = c->value;
	}
	return found;
}
