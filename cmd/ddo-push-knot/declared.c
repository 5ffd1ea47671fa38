/* declared: what knotd's configuration says about zones. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "knot.h"
#include "push/files/peer.h"

#define CONFDB "/var/lib/knot/confdb" /* knotd prefers it to knot.conf */
#define STORAGE "/var/lib/knot"       /* knotd's defaults */
#define FILE_OF "%s.zone"

struct declared { /* one zone or template; "" where it says nothing */
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

/* The file's path, as knotd names it; "" when it has formatters that ddo does not know. */
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
	int got = ctl_command(k->ctl, "conf-read", &unit, 1, take_item, &r, err);
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
	int got = ctl_command(k->ctl, "conf-read", &unit, 1, take_item, &r, err);
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
	zonefile_path(k->p.zones_dir, file, &ours);
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
	int r = ctl_command(k->ctl, "conf-read", &unit, 1, NULL, NULL, err);
	return r <= 0 ? r : err_set(err, "knotd has no template %s: %s", k->template, err->text);
}

static void take_any(void *arg, const knot_ctl_data_t *data)
{
	*(bool *)arg = *(bool *)arg || (*data)[KNOT_CTL_IDX_DATA] != NULL;
}

void declared_listen(struct knot *k, struct err *err)
{
	struct ctl_unit unit = {.section = "server", .item = "listen"};
	struct err ignored;
	bool any = false;
	if (ctl_command(k->ctl, "conf-read", &unit, 1, take_any, &any, &ignored) == 0 && !any)
		err_set(
		    err, "%s; knotd listens nowhere: set server.listen, and restart it", err->text);
}

bool declared_lasts(const struct knot *k)
{
	if (k->zonefile_only || access(CONFDB, F_OK) == 0)
		return true;
	return peer_has_option(k->control, "-C", "--confdb") != 0;
}
