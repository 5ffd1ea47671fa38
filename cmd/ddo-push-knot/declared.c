/* knotd's configuration, as far as it is about zones. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "knot.h"

#define STORAGE "/var/lib/knot" /* knotd's defaults */
#define FILE_OF "%s.zone"
#define CHUNK 300 /* units of one command */

struct declared { /* one zone, or template; "" where nothing is said */
	char zone[NAME_SIZE];
	char file[1024], storage[1024], template[256];
};

struct reading {
	struct declared *list;
	size_t count, cap;
};

static void copy(char *out, size_t size, const char *in)
{
	snprintf(out, size, "%s", in == NULL ? "" : in);
}

/* Units come sorted by id. */
static void take_item(void *arg, const knot_ctl_data_t *data)
{
	struct reading *r = arg;
	const char *item = (*data)[KNOT_CTL_IDX_ITEM], *value = (*data)[KNOT_CTL_IDX_DATA];
	const char *id = (*data)[KNOT_CTL_IDX_ID];
	char zone[NAME_SIZE];
	if (item == NULL)
		return;
	if (id == NULL) /* the item that is the id itself */
		id = value;
	if (id == NULL || name_normalize(id, strlen(id), zone, NULL) < 0)
		return;
	if (r->count == 0 || strcmp(r->list[r->count - 1].zone, zone) != 0) {
		if (r->count == r->cap) {
			r->cap = r->cap == 0 ? 1 : r->cap * 2;
			r->list = mem_resize(r->list, r->cap, sizeof(*r->list));
		}
		r->list[r->count] = (struct declared){0};
		copy(r->list[r->count++].zone, NAME_SIZE, zone);
	}
	struct declared *d = &r->list[r->count - 1];
	if (strcmp(item, "file") == 0)
		copy(d->file, sizeof(d->file), value);
	else if (strcmp(item, "storage") == 0)
		copy(d->storage, sizeof(d->storage), value);
	else if (strcmp(item, "template") == 0)
		copy(d->template, sizeof(d->template), value);
}

/* As knotd names the file; "" when it has formatters that ddo does not know. */
static void expand(const char *file, const char *storage, const char *zone, char *out, size_t size)
{
	struct buf b = {0};
	if (file[0] != '/')
		buf_addf(&b, "%s/", storage);
	for (const char *s = file; *s != '\0'; s++) {
		if (*s != '%') {
			buf_addc(&b, *s);
			continue;
		}
		s++;
		if (*s == '%')
			buf_addc(&b, '%');
		else if (*s != 's') {
			buf_reset(&b);
			break;
		}
		for (const char *z = zone; *s == 's' && *z != '\0'; z++)
			buf_addc(&b, *z == '/' ? '_' : *z);
	}
	snprintf(out, size, "%s", b.len < size ? buf_str(&b) : "");
	buf_free(&b);
}

/* What the zone's template says where the zone itself says nothing. */
static int read_template(struct knot *k, const char *id, struct declared *out, struct err *err)
{
	struct reading r = {0};
	struct ctl_unit unit = {.section = "template", .id = id[0] == '\0' ? "default" : id};
	int got = ctl_run(k->ctl, "conf-read", &unit, 1, take_item, &r, err);
	*out = (struct declared){0};
	if (got == 0 && r.count > 0)
		*out = r.list[0];
	copy(out->template, sizeof(out->template), id);
	free(r.list);
	return got < 0 ? -1 : 0;
}

int declared_read(
    struct knot *k, const char *zone, declared_taker *take, void *arg, struct err *err)
{
	struct reading r = {0};
	struct ctl_unit unit = {.section = "zone", .id = zone};
	int got = ctl_run(k->ctl, "conf-read", &unit, 1, take_item, &r, err);
	struct declared t = {0};
	bool have_template = false;
	for (size_t i = 0; got == 0 && i < r.count; i++) {
		const struct declared *d = &r.list[i];
		char path[1024] = "";
		bool needs = d->file[0] == '\0' || (d->file[0] != '/' && d->storage[0] == '\0');
		if (needs && (!have_template || strcmp(t.template, d->template) != 0))
			got = read_template(k, d->template, &t, err);
		have_template = have_template || needs;
		const char *file = d->file[0] != '\0' ? d->file : t.file;
		const char *storage = d->storage[0] != '\0' ? d->storage : t.storage;
		expand(file[0] != '\0' ? file : FILE_OF, storage[0] != '\0' ? storage : STORAGE,
		    d->zone, path, sizeof(path));
		if (got == 0)
			take(arg, d->zone, path);
	}
	free(r.list);
	return got;
}

bool declared_ours(const struct knot *k, const char *zone, const char *path)
{
	char file[NAME_FILE_SIZE];
	struct buf ours = {0};
	name_to_file(zone, file);
	primary_path(&k->p, file, &ours);
	bool same = strcmp(buf_str(&ours), path) == 0;
	buf_free(&ours);
	return same;
}

bool declared_is_file(const struct knot *k, const char *zone, const char *file)
{
	char path[1024];
	expand(file, STORAGE, zone, path, sizeof(path));
	return declared_ours(k, zone, path);
}

int declared_template(struct knot *k, struct err *err)
{
	struct ctl_unit unit = {.section = "template", .id = k->template};
	if (k->template == NULL || k->zonefile_only)
		return 0;
	int r = ctl_run(k->ctl, "conf-read", &unit, 1, NULL, NULL, err);
	return r <= 0 ? r : err_set(err, "knotd has no template %s: %s", k->template, err->text);
}

static void quote_percent(const struct knot *k, const char *file, struct buf *out)
{
	struct buf path = {0};
	primary_path(&k->p, file, &path);
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
	int r =
	    s->count == 0 ? 0 : ctl_run(k->ctl, s->command, s->units, s->count, NULL, NULL, err);
	for (size_t i = 0; i < s->count; i++)
		buf_free(&s->paths[i]);
	s->count = 0;
	return r;
}

static int add_units(
    struct knot *k, struct sending *s, const struct primary_work *w, struct err *err)
{
	int r = s->count + 3 > CHUNK ? flush(k, s, err) : 0;
	if (r != 0)
		return r;
	s->units[s->count] = (struct ctl_unit){.section = "zone", .id = w->item->name};
	s->paths[s->count++] = (struct buf){0};
	if (w->step == STEP_DEL)
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

static int send_changes(struct knot *k, struct primary_work *const *works, size_t count,
    enum primary_step step, struct err *err)
{
	struct sending *s = mem_alloc(sizeof(*s));
	int r = 0;
	s->command = step == STEP_DEL ? "conf-unset" : "conf-set";
	for (size_t i = 0; r == 0 && i < count; i++) {
		if (works[i]->step == step)
			r = add_units(k, s, works[i], err);
	}
	int last = flush(k, s, err);
	free(s);
	return r != 0 ? r : last;
}

int declare(struct knot *k, struct primary_work *const *works, size_t count, struct err *err)
{
	struct err why;
	int r = transaction_begin(k, works, count, err);
	if (r != 0)
		return r;
	r = send_changes(k, works, count, STEP_DEL, err);
	if (r == 0)
		r = send_changes(k, works, count, STEP_ADD, err);
	if (r == 0 && (r = transaction_end(k, "conf-commit", err)) <= 0)
		return r;
	return transaction_end(k, "conf-abort", &why) < 0 ? err_set(err, "%s", why.text) : r;
}
