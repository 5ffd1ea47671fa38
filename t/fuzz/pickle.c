/* pickle: what ddo-import reads of a queue.  A refused pickle has a reason.  An accepted one ends
 * within its octets, its value can be walked, and reading it again uses the same octets. */
#include "fuzz.h"

#include <string.h>

#include "pickle.h"

/* A container may hold itself: no deeper than this, and no more than that. */
static void walk(const struct pickle_value *v, unsigned depth, unsigned *most)
{
	if (v->kind == PICKLE_TEXT || v->kind == PICKLE_BYTES)
		HOLDS(v->len == 0 || memchr(v->text, v->text[v->len - 1], v->len) != NULL);
	HOLDS(v->first == NULL || v->kind == PICKLE_LIST || v->kind == PICKLE_DICT);
	if (depth == 0)
		return;
	for (const struct pickle_cell *c = v->first; c != NULL && *most > 0; c = c->next) {
		(*most)--;
		HOLDS((c->key != NULL) == (v->kind == PICKLE_DICT));
		if (c->key != NULL)
			walk(c->key, depth - 1, most);
		walk(c->value, depth - 1, most);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pickle *p, *again;
	const struct pickle_value *root, *other;
	struct err err = {""};
	size_t used, twice;
	unsigned most = 10000;
	if (pickle_read(&p, &root, (const char *)data, size, &used, &err) < 0) {
		HOLDS(err.text[0] != '\0' && strchr(err.text, '\n') == NULL);
		HOLDS(used <= size);
		return 0;
	}
	HOLDS(used > 0 && used <= size && data[used - 1] == '.');
	walk(root, 8, &most);
	const struct pickle_value *domain = pickle_get(pickle_get(root, "payload"), "domain");
	HOLDS(domain == NULL || domain->kind <= PICKLE_DICT);
	HOLDS(pickle_read(&again, &other, (const char *)data, used, &twice, &err) == 0);
	HOLDS(twice == used && other->kind == root->kind);
	pickle_free(again);
	pickle_free(p);
	return 0;
}
