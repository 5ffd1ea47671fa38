/* check: what knotd refuses, would change, or would die of. */
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

/* knotd gives an RRSIG the TTL that the record itself states, and serves no other. */
static bool changes_ttl(const struct zone *z, char *reason, size_t size)
{
	for (size_t i = 0; i < z->count; i++) {
		const knot_rrset_t *set = &z->rrsets[i];
		if (set->type != KNOT_RRTYPE_RRSIG)
			continue;
		knot_rdata_t *rd = set->rrs.rdata;
		for (uint16_t k = 0; k < set->rrs.count; k++, rd = knot_rdataset_next(rd)) {
			uint32_t original = knot_rrsig_original_ttl(rd);
			knot_dname_txt_storage_t owner;
			if (original == set->ttl)
				continue;
			knot_dname_to_str(owner, set->owner, sizeof(owner));
			snprintf(reason, size,
			    "change it: an RRSIG at %s has TTL %u, and %u as its original TTL",
			    owner, set->ttl, original);
			return true;
		}
	}
	return false;
}

/* knotd hashes a zone's names with any NSEC3PARAM, and has no room for a name too long. */
static bool refuses_records(const struct zone *z, char *reason, size_t size)
{
	char words[300];
	if (!zone_nsec3_no_hash(z, true, words, sizeof(words)))
		return changes_ttl(z, reason, size);
	snprintf(reason, size, "die of it: %s", words);
	return true;
}

bool knot_refuses(
    struct primary *p, const struct work *w, enum primary_stage stage, char *reason, size_t size)
{
	if (stage == STAGE_RECORDS)
		return refuses_records(w->item->zone, reason, size);
	return stage == STAGE_FILE && refuses_file((struct knot *)p, w, reason, size);
}
