/* rows: a zone as rows of a records table, and back. */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CHUNK_FIRST 4096
#define CHUNK 65536

struct chunk {
	struct chunk *next;
	size_t used, size;
	char text[];
};

struct row *rowset_add(struct rowset *rs)
{
	if (rs->count == rs->cap) {
		rs->cap = rs->cap == 0 ? 64 : rs->cap * 2;
		rs->list = mem_resize(rs->list, rs->cap, sizeof(*rs->list));
	}
	struct row *row = &rs->list[rs->count++];
	*row = (struct row){0};
	return row;
}

char *rowset_text(struct rowset *rs, const char *text, size_t len)
{
	struct chunk *c = rs->chunks;
	if (c == NULL || c->size - c->used <= len) {
		size_t usual = c == NULL ? CHUNK_FIRST : CHUNK;
		size_t size = len + 1 > usual ? len + 1 : usual;
		c = mem_alloc(sizeof(*c) + size);
		c->size = size;
		c->next = rs->chunks;
		rs->chunks = c;
	}
	char *at = c->text + c->used;
	memcpy(at, text, len);
	at[len] = '\0';
	c->used += len + 1;
	return at;
}

void rowset_free(struct rowset *rs)
{
	while (rs->chunks != NULL) {
		struct chunk *next = rs->chunks->next;
		free(rs->chunks);
		rs->chunks = next;
	}
	free(rs->list);
	*rs = (struct rowset){0};
}

int rows_each(const struct zone *z, struct rowset *rs,
    int (*take)(void *ctx, const struct zone_line *line, const knot_rrset_t *set), void *ctx,
    struct err *err)
{
	struct buf text = {0};
	int r = zone_render(z, &text, err);
	if (r == 0)
		r = zone_lines(z, rowset_text(rs, buf_str(&text), text.len), take, ctx);
	buf_free(&text);
	return r;
}

void row_word(struct row *row, enum wording w, const struct zone_line *line,
    const knot_rrset_t *set, struct rowset *rs)
{
	char type[WORDING_TYPE_SIZE];
	struct buf data = {0};
	row->set = set;
	row->col[COL_TYPE] = line->type;
	row->col[COL_DATA] = line->rdata;
	if (wording_write(w, set->type, line->wire, type, &data)) {
		row->col[COL_TYPE] = rowset_text(rs, type, strlen(type));
		row->col[COL_DATA] = rowset_text(rs, buf_str(&data), data.len);
	}
	buf_free(&data);
}

const char *row_text(const struct row *row, size_t column)
{
	return row->col[column] == NULL ? "" : row->col[column];
}

int row_compare(const void *va, const void *vb)
{
	const struct row *a = *(const struct row *const *)va, *b = *(const struct row *const *)vb;
	for (size_t i = 0; i < ROW_COLUMNS; i++) {
		const char *x = a->col[i], *y = b->col[i];
		int c = x == NULL || y == NULL ? (x != NULL) - (y != NULL) : strcmp(x, y);
		if (c != 0)
			return c;
	}
	return 0;
}

int rows_to_zone(const struct schema *s, const char *name, const struct row *const *rows,
    size_t count, struct zone **out, struct err *err)
{
	struct buf text = {0};
	for (size_t i = 0; i < count; i++)
		s->to_text(rows[i], &text);
	int r = zone_parse(name, buf_str(&text), text.len, 0, out, err);
	buf_free(&text);
	return r;
}
