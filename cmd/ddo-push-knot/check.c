/* check: what knotd refuses, and would die of. */
#include <string.h>

#include "dns/zone_nsec3.h"
#include "knot.h"
#include "push/files/checkzone.h"

/* kzonecheck's "[owner] words" lines, up to its summary, as one line.  With `fatal` only what knotd
 * itself checks by default: aliases. */
static void pick_words(const char *words, bool fatal, struct buf *out)
{
	for (const char *line = words; *line != '\0' && *line != '\n';) {
		size_t len = strcspn(line, "\n");
		if (!fatal || memmem(line, len, "CNAME", 5) != NULL ||
		    memmem(line, len, "DNAME", 5) != NULL) {
			buf_adds(out, out->len > 0 ? " " : "");
			buf_add(out, line, len);
		}
		line += len + (line[len] == '\n');
	}
}

/* On the control socket knotd says only "failed": kzonecheck knows why. */
static void add_words(struct knot *k, const struct work *w, char *reason, size_t size)
{
	struct buf words = {0}, path = {0}, picked = {0};
	char origin[NAME_SIZE + 1];
	zonefile_path(k->p.zones_dir, w->file, &path);
	snprintf(origin, sizeof(origin), "%s.", w->item->name);
	char *argv[] = {(char *)k->checkzone, "-o", origin, "--", path.data, NULL};
	size_t used = strlen(reason);
	if (checkzone_refuses(argv, &words)) {
		pick_words(buf_str(&words), true, &picked);
		if (picked.len == 0)
			pick_words(buf_str(&words), false, &picked);
	}
	if (picked.len == 0)
		buf_adds(&picked, "its log and kzonecheck say why");
	if (used < size)
		snprintf(reason + used, size - used, ": %s", buf_str(&picked));
	err_clean(reason);
	buf_free(&words);
	buf_free(&path);
	buf_free(&picked);
}

/* knotd itself decides, when it is told to load FILE and to wait until it has. */
static bool refuses_file(struct knot *k, const struct work *w, char *reason, size_t size)
{
	struct ctl_unit unit = {.zone = w->item->name, .flags = "B"};
	struct err why;
	if (ctl_command(k->ctl, "zone-reload", &unit, 1, NULL, NULL, &why) <= 0 ||
	    strcmp(why.text, knot_strerror(KNOT_EACCES)) == 0 ||
	    strcmp(why.text, knot_strerror(KNOT_ENOENT)) == 0 ||
	    strcmp(why.text, knot_strerror(KNOT_ENOZONE)) == 0)
		return false;
	snprintf(reason, size, "%s", why.text);
	add_words(k, w, reason, size);
	return true;
}

bool knot_refuses(
    struct primary *p, const struct work *w, enum primary_stage stage, char *reason, size_t size)
{
	/* knotd hashes a zone's names with any NSEC3PARAM, and has no room for a name too long. */
	if (stage == STAGE_RECORDS)
		return zone_nsec3_no_hash(w->item->zone, true, reason, size);
	return stage == STAGE_FILE && refuses_file((struct knot *)p, w, reason, size);
}
