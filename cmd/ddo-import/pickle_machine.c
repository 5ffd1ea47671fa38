/* pickle_machine: the stack and the arena, where values are built. */
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pickle_private.h"

struct block {
	struct block *next;
	size_t used;
	max_align_t room[4096];
};

static void *take(struct machine *m, size_t size)
{
	struct pickle *p = m->pickle;
	size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t);
	if (p->blocks == NULL || p->blocks->used + size > 4096) {
		struct block *b = mem_alloc(sizeof(*b));
		b->next = p->blocks;
		p->blocks = b;
	}
	max_align_t *at = p->blocks->room + p->blocks->used;
	p->blocks->used += size;
	return at;
}

void pickle_free(struct pickle *p)
{
	if (p == NULL)
		return;
	for (struct block *b = p->blocks, *next; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(p);
}

int pickle_wrong(struct machine *m, const char *why)
{
	return err_set(m->err, "octet %zu: %s", m->opcode, why);
}

int pickle_octets(struct machine *m, size_t count, const unsigned char **out)
{
	if (count > m->len - m->at)
		return pickle_wrong(m, "the pickle ends too early");
	*out = (const unsigned char *)m->data + m->at;
	m->at += count;
	return 0;
}

int pickle_line(struct machine *m, const char **out, size_t *len)
{
	const char *from = m->data + m->at;
	const char *end = memchr(from, '\n', m->len - m->at);
	if (end == NULL)
		return pickle_wrong(m, "the pickle ends too early");
	*out = from;
	*len = (size_t)(end - from);
	m->at += *len + 1;
	return 0;
}

int pickle_push_value(struct machine *m, struct pickle_value *v)
{
	if (m->depth == STACK_MOST)
		return pickle_wrong(m, "the stack is too deep");
	m->stack[m->depth++] = v;
	return 0;
}

int pickle_push(struct machine *m, struct pickle_value value)
{
	if (++m->values > VALUES_MOST)
		return pickle_wrong(m, "too many values");
	struct pickle_value *v = take(m, sizeof(*v));
	*v = value;
	return pickle_push_value(m, v);
}

int pickle_push_text(struct machine *m, const char *text, size_t len)
{
	json_t *valid = json_stringn(text, len); /* jansson checks UTF-8 */
	if (valid == NULL)
		return pickle_wrong(m, "a text is not UTF-8");
	json_decref(valid);
	return pickle_push(m, (struct pickle_value){.kind = PICKLE_TEXT, .text = text, .len = len});
}

char *pickle_keep(struct machine *m, const struct buf *text)
{
	if (text->len < sizeof(((struct block *)0)->room)) {
		char *kept = take(m, text->len + 1);
		memcpy(kept, buf_str(text), text->len + 1);
		return kept;
	}
	struct block *b = mem_alloc(sizeof(*b) + text->len + 1);
	b->used = 4096;
	b->next = m->pickle->blocks;
	m->pickle->blocks = b;
	memcpy(b->room, text->data, text->len + 1);
	return (char *)b->room;
}

/* The container below `above` values, which are taken off the stack later. */
static struct pickle_value *container(struct machine *m, size_t above, enum pickle_kind kind)
{
	size_t floor = m->nmarks > 0 ? m->marks[m->nmarks - 1] : 0;
	if (m->depth < above + 1 || m->depth - above - 1 < floor)
		return NULL;
	struct pickle_value *v = m->stack[m->depth - above - 1];
	return v->kind == kind ? v : NULL;
}

static int add(struct machine *m, struct pickle_value *to, struct pickle_value *key,
    struct pickle_value *value)
{
	if (++m->values > VALUES_MOST)
		return pickle_wrong(m, "too many values");
	struct pickle_cell *c = take(m, sizeof(*c));
	*c = (struct pickle_cell){.key = key, .value = value};
	if (to->last == NULL)
		to->first = c;
	else
		to->last->next = c;
	to->last = c;
	return 0;
}

/* The upper `count` values go into the container below them. */
static int fill(struct machine *m, size_t count, enum pickle_kind kind)
{
	struct pickle_value *to = container(m, count, kind);
	if (to == NULL || (kind == PICKLE_DICT && count % 2 != 0))
		return pickle_wrong(m, "values without their container");
	struct pickle_value **v = m->stack + m->depth - count;
	for (size_t i = 0; i < count; i += kind == PICKLE_DICT ? 2 : 1) {
		bool pair = kind == PICKLE_DICT;
		if (add(m, to, pair ? v[i] : NULL, pair ? v[i + 1] : v[i]) < 0)
			return -1;
	}
	m->depth -= count;
	return 0;
}

int pickle_fill_one(struct machine *m, enum pickle_kind kind)
{
	return fill(m, kind == PICKLE_DICT ? 2 : 1, kind);
}

int pickle_fill_marked(struct machine *m, enum pickle_kind kind)
{
	if (m->nmarks == 0)
		return pickle_wrong(m, "no mark");
	size_t count = m->depth - m->marks[--m->nmarks];
	return fill(m, count, kind);
}

int pickle_collect(struct machine *m, size_t count, enum pickle_kind kind)
{
	size_t floor = m->nmarks > 0 ? m->marks[m->nmarks - 1] : 0;
	if (count > m->depth - floor)
		return pickle_wrong(m, "values are missing");
	struct pickle_value *v = take(m, sizeof(*v));
	*v = (struct pickle_value){.kind = kind};
	if (++m->values > VALUES_MOST)
		return pickle_wrong(m, "too many values");
	if (m->depth == STACK_MOST)
		return pickle_wrong(m, "the stack is too deep");
	memmove(m->stack + m->depth - count + 1, m->stack + m->depth - count,
	    count * sizeof(m->stack[0]));
	m->stack[m->depth++ - count] = v;
	return fill(m, count, kind);
}
