/* sample: has named load a zone's records below a name of ours, for its words about them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "bind.h"

#define SAMPLE_ZONE "ddo-sample.invalid"
#define SAMPLE_FILE ".ddo-sample"
#define SAMPLE_APEX ((const knot_dname_t *)"\012ddo-sample\007invalid")
#define TRIES 20
#define TRY_MS 5

bool sample_is(const char *zone)
{
	return strcmp(zone, SAMPLE_ZONE) == 0;
}

/* The owner below our name instead of its apex; NULL: too long. */
static knot_dname_t *move_owner(const struct zone *z, const knot_dname_t *owner)
{
	size_t before = knot_dname_size(owner) - knot_dname_size(z->apex);
	size_t apex = knot_dname_size(SAMPLE_APEX);
	if (before + apex > KNOT_DNAME_MAXLEN)
		return NULL;
	knot_dname_t *moved = mem_alloc(before + apex);
	memcpy(moved, owner, before);
	memcpy(moved + before, SAMPLE_APEX, apex);
	return moved;
}

static int render(const struct zone *z, struct buf *out, struct err *err)
{
	struct zone sample = *z;
	int r = 0;
	memcpy(sample.apex, SAMPLE_APEX, knot_dname_size(SAMPLE_APEX));
	sample.rrsets = mem_alloc((z->count + 1) * sizeof(*sample.rrsets));
	sample.count = 0;
	for (size_t i = 0; r == 0 && i < z->count; i++) {
		knot_dname_t *owner = move_owner(z, z->rrsets[i].owner);
		if (owner == NULL) {
			r = -1;
			break;
		}
		sample.rrsets[sample.count] = z->rrsets[i];
		sample.rrsets[sample.count++].owner = owner;
	}
	if (r == 0)
		r = zone_render(&sample, out, err);
	for (size_t i = 0; i < sample.count; i++)
		free(sample.rrsets[i].owner);
	free(sample.rrsets);
	return r;
}

static int write_file(struct bind *b, const struct work *w)
{
	struct buf text = {0};
	struct err why;
	int fd = -1;
	int r = render(w->item->zone, &text, &why);
	if (r == 0)
		r = zonefile_write(b->p.dir, SAMPLE_FILE, &text, &fd, &why);
	if (fd >= 0)
		close(fd);
	if (r == 0)
		r = zonefile_install(b->p.dir, SAMPLE_FILE, &why);
	buf_free(&text);
	return r;
}

static int ask_addzone(struct bind *b, const char *path, struct err *why)
{
	struct buf tail = {0};
	struct err said = {""};
	buf_addf(&tail, "{ type primary; file \"%s\"; notify no; };", path);
	int r = bind_tell(b, "addzone", SAMPLE_ZONE, buf_str(&tail), NULL, &said);
	if (r >= 0 && (r == 0 || strstr(said.text, "already exists") != NULL)) {
		if (bind_tell(b, "delzone", SAMPLE_ZONE, NULL, NULL, &said) < 0)
			r = -1;
	} else if (r > 0) {
		reason_of_load(said.text, why);
	}
	buf_free(&tail);
	if (r < 0)
		*why = said;
	return r < 0 ? -1 : 0;
}

/* Puts the sample into named's configuration.  named has no data for it, and so loads it at once
 * when it is told. */
static int ask_reload(struct bind *b, const char *path, struct err *why)
{
	struct err said = {""};
	int r = 0;
	if (include_file(b->p.list, SAMPLE_ZONE) == NULL) {
		include_put(b->p.list, SAMPLE_ZONE, path);
		r = include_write(b->p.list, &said);
		if (r == 0)
			r = control_command(b->control, "reconfig", NULL, &said);
	}
	for (int i = 0; r == 0 && i < TRIES; i++) {
		struct buf text = {0};
		r = bind_tell(b, "reload", SAMPLE_ZONE, NULL, &text, &said);
		bool loaded = strstr(buf_str(&text), "up-to-date") != NULL;
		buf_free(&text);
		if (loaded)
			break;
		if (r == 0)
			clock_sleep_ms(TRY_MS);
		else if (r > 0)
			*why = said;
	}
	if (r < 0)
		*why = said;
	return r < 0 ? -1 : 0;
}

int sample_words(struct bind *b, const struct work *w, struct err *why, struct err *err)
{
	struct buf path = {0};
	why->text[0] = '\0';
	if (write_file(b, w) != 0)
		return 0;
	zonefile_path(b->p.zones_dir, SAMPLE_FILE, &path);
	int r = b->p.list != NULL ? ask_reload(b, buf_str(&path), why)
				  : ask_addzone(b, buf_str(&path), why);
	buf_free(&path);
	return r == 0 ? 0 : err_set(err, "%s", why->text);
}

int sample_clear(struct bind *b, struct work_batch *batch, struct err *err)
{
	struct err why;
	int r = 0;
	if (!zonefile_exists(b->p.dir, SAMPLE_FILE, ""))
		return 0;
	if (b->p.list == NULL) {
		r = bind_tell(b, "delzone", SAMPLE_ZONE, NULL, NULL, &why);
	} else if (include_file(b->p.list, SAMPLE_ZONE) != NULL) {
		include_del(b->p.list, SAMPLE_ZONE);
		batch->reconfig = true;
	}
	zonefile_remove(b->p.dir, SAMPLE_FILE, NULL);
	return r < 0 ? err_set(err, "%s", why.text) : 0;
}
