/* declare: declares zones in knotd's configuration, and takes them out. */
#include <stdlib.h>

#include "base/mem.h"
#include "knot.h"

#define CHUNK 300 /* units of one command */

static void quote_percent(const struct knot *k, const char *file, struct buf *out)
{
	struct buf path = {0};
	zonefile_path(k->p.zones_dir, file, &path);
	for (const char *s = buf_str(&path); *s != '\0'; s++) {
		if (*s == '%')
			buf_addc(out, '%');
		buf_addc(out, *s);
	}
	buf_free(&path);
}

struct sending {
	struct ctl_unit units[CHUNK];
	struct buf paths[CHUNK];
	size_t count;
	const char *command;
};

static int flush(struct knot *k, struct sending *s, struct err *err)
{
	int r = s->count == 0
		    ? 0
		    : ctl_command(k->ctl, s->command, s->units, s->count, NULL, NULL, err);
	for (size_t i = 0; i < s->count; i++)
		buf_free(&s->paths[i]);
	s->count = 0;
	return r;
}

static int add_units(struct knot *k, struct sending *s, const struct work *w, struct err *err)
{
	int r = s->count + 3 > CHUNK ? flush(k, s, err) : 0;
	if (r != 0)
		return r;
	s->units[s->count] = (struct ctl_unit){.section = "zone", .id = w->item->name};
	s->paths[s->count++] = (struct buf){0};
	if (w->op == OP_DEL)
		return 0;
	struct buf path = {0};
	quote_percent(k, w->file, &path);
	s->units[s->count] = (struct ctl_unit){
	    .section = "zone", .item = "file", .id = w->item->name, .data = path.data};
	s->paths[s->count++] = path;
	if (k->template == NULL)
		return 0;
	s->units[s->count] = (struct ctl_unit){
	    .section = "zone", .item = "template", .id = w->item->name, .data = k->template};
	s->paths[s->count++] = (struct buf){0};
	return 0;
}

static int send_changes(
    struct knot *k, struct work *const *works, size_t count, enum work_op op, struct err *err)
{
	struct sending *s = mem_alloc(sizeof(*s));
	int r = 0;
	s->command = op == OP_DEL ? "conf-unset" : "conf-set";
	for (size_t i = 0; r == 0 && i < count; i++) {
		if (works[i]->op == op)
			r = add_units(k, s, works[i], err);
	}
	int last = flush(k, s, err);
	free(s);
	return r != 0 ? r : last;
}

int declare(struct knot *k, struct work *const *works, size_t count, struct err *err)
{
	struct err why;
	int r = transaction_begin(k, works, count, err);
	if (r != 0)
		return r;
	r = send_changes(k, works, count, OP_DEL, err);
	if (r == 0)
		r = send_changes(k, works, count, OP_NEW, err);
	if (r == 0 && (r = transaction_end(k, "conf-commit", err)) <= 0)
		return r;
	return transaction_end(k, "conf-abort", &why) < 0 ? err_set(err, "%s", why.text) : r;
}
