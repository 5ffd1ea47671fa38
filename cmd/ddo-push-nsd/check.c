#include <string.h>

#include "checkzone.h"
#include "nsd.h"

/* Of "[time] nsd-checkzone[1]: error: /dir/file:5: words" lines the words of all, as "line 5:
 * words".
 */
static void word_reason(const char *words, const char *path, char *out, size_t size)
{
	size_t len = strlen(path), used = 0;
	out[0] = '\0';
	for (const char *line; (line = strstr(words, "error: ")) != NULL && used < size;) {
		line += strlen("error: ");
		words = line + strcspn(line, "\n");
		bool has_path = strncmp(line, path, len) == 0 && line[len] == ':';
		line += has_path ? len + 1 : 0;
		int n = snprintf(out + used, size - used, "%s%s%.*s", used > 0 ? " " : "",
		    has_path ? "line " : "", (int)(words - line), line);
		used += n < 0 ? size : (size_t)n;
	}
}

static bool refuses(
    struct primary *p, const struct primary_work *w, const char *suffix, char *reason, size_t size)
{
	const struct nsd *n = (const struct nsd *)p;
	struct buf words = {0}, path = {0};
	primary_path(p, w->file, &path);
	buf_adds(&path, suffix);
	char *argv[] = {(char *)n->checkzone, w->item->name, path.data, NULL};
	bool refused = checkzone_refuses(argv, &words);
	word_reason(buf_str(&words), path.data, reason, size);
	buf_free(&words);
	buf_free(&path);
	return refused;
}

/* Of these NSD takes all that zone_parse() takes: asking nsd-checkzone, 3 ms, can be saved. */
static bool is_plain(uint16_t type)
{
	switch (type) {
	case KNOT_RRTYPE_A:
	case KNOT_RRTYPE_AAAA:
	case KNOT_RRTYPE_CAA:
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_DNSKEY:
	case KNOT_RRTYPE_DS:
	case KNOT_RRTYPE_MX:
	case KNOT_RRTYPE_NS:
	case KNOT_RRTYPE_NSEC:
	case KNOT_RRTYPE_NSEC3:
	case KNOT_RRTYPE_NSEC3PARAM:
	case KNOT_RRTYPE_PTR:
	case KNOT_RRTYPE_RRSIG:
	case KNOT_RRTYPE_SOA:
	case KNOT_RRTYPE_SRV:
	case KNOT_RRTYPE_SSHFP:
	case KNOT_RRTYPE_TLSA:
	case KNOT_RRTYPE_TXT:
		return true;
	default:
		return false;
	}
}

/* NSD without a database drops what it has before it reads the new file, so a file that may be
 * refused is looked at before. */
bool nsd_precheck(struct primary *p, const struct primary_work *w, char *reason, size_t size)
{
	const struct zone *z = w->item->zone;
	bool plain = true;
	for (size_t i = 0; i < z->count && plain; i++)
		plain = is_plain(z->rrsets[i].type);
	return !plain && refuses(p, w, ".new", reason, size);
}

bool nsd_refuses(struct primary *p, const struct primary_work *w, char *reason, size_t size)
{
	return refuses(p, w, "", reason, size);
}
