/* check: what nsd-checkzone says about a zone file; what NSD would change, or die of. */
#include <ctype.h>
#include <string.h>

#include "dns/zone_nsec3.h"
#include "nsd.h"
#include "push/files/checkzone.h"

#define ERROR "]: error: "

/* Joins the words of all lines "[time] nsd-checkzone[1]: error: /dir/file:5: words" as "line 5:
 * words".  Warnings have another word there. */
static void word_reason(const char *words, const char *path, char *out, size_t size)
{
	size_t len = strlen(path), used = 0;
	snprintf(out, size, "nsd-checkzone does not say why");
	for (const char *line; (line = strstr(words, ERROR)) != NULL && used < size;) {
		line += strlen(ERROR);
		words = line + strcspn(line, "\n");
		bool has_path = strncmp(line, path, len) == 0 && line[len] == ':';
		line += has_path ? len + 1 : 0;
		int n = snprintf(out + used, size - used, "%s%s%.*s", used > 0 ? " " : "",
		    has_path ? "line " : "", (int)(words - line), line);
		used += n < 0 ? size : (size_t)n;
	}
}

static bool refuses(
    struct primary *p, const struct work *w, const char *suffix, char *reason, size_t size)
{
	const struct nsd *n = (const struct nsd *)p;
	struct buf words = {0}, path = {0};
	zonefile_path(p->zones_dir, w->file, &path);
	buf_adds(&path, suffix);
	char *argv[] = {(char *)n->checkzone, "--", w->item->name, path.data, NULL};
	bool refused = checkzone_refuses(argv, &words);
	word_reason(buf_str(&words), path.data, reason, size);
	buf_free(&words);
	buf_free(&path);
	return refused;
}

/* Every NSD takes these types as zone_parse() does, which saves 3 ms of nsd-checkzone.  Not DS and
 * SSHFP: NSD 4.12 wants a digest to be as long as its kind says. */
static bool is_plain(uint16_t type)
{
	switch (type) {
	case KNOT_RRTYPE_A:
	case KNOT_RRTYPE_AAAA:
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_DNSKEY:
	case KNOT_RRTYPE_MX:
	case KNOT_RRTYPE_NS:
	case KNOT_RRTYPE_NSEC:
	case KNOT_RRTYPE_NSEC3:
	case KNOT_RRTYPE_NSEC3PARAM:
	case KNOT_RRTYPE_PTR:
	case KNOT_RRTYPE_RRSIG:
	case KNOT_RRTYPE_SOA:
	case KNOT_RRTYPE_SRV:
	case KNOT_RRTYPE_TLSA:
	case KNOT_RRTYPE_TXT:
		return true;
	default:
		return false;
	}
}

/* NSD takes only letters and digits in a CAA's tag, whose length is the second octet. */
static bool is_plain_caa(const knot_rdata_t *rdata)
{
	if (rdata->len < 2 || rdata->len - 2 < rdata->data[1])
		return false;
	for (size_t i = 0; i < rdata->data[1]; i++) {
		if (isalnum(rdata->data[2 + i]) == 0)
			return false;
	}
	return rdata->data[1] > 0;
}

static bool all_plain(const knot_rrset_t *set)
{
	if (set->type != KNOT_RRTYPE_CAA)
		return is_plain(set->type);
	knot_rdata_t *rdata = set->rrs.rdata;
	for (uint16_t i = 0; i < set->rrs.count; i++, rdata = knot_rdataset_next(rdata)) {
		if (!is_plain_caa(rdata))
			return false;
	}
	return true;
}

/* May NSD refuse it?  NSD without a database drops what it has before it reads the new file, so a
 * file that it may refuse is looked at before. */
static bool is_suspect(const struct zone *z)
{
	for (size_t i = 0; i < z->count; i++) {
		if (!all_plain(&z->rrsets[i]))
			return true;
	}
	return false;
}

/* NSD 4.6 reads a time of 2^31 seconds or more in an SOA or an RRSIG (original TTL) as 3600. */
static bool changes_time(const struct zone *z, char *reason, size_t size)
{
	for (size_t i = 0; i < z->count; i++) {
		const knot_rrset_t *set = &z->rrsets[i];
		uint32_t most = 0;
		if (set->type == KNOT_RRTYPE_SOA) {
			const knot_rdata_t *rd = set->rrs.rdata;
			for (unsigned k = 4; k <= 16;
			     k += 4) { /* from the end: minimum to refresh */
				uint32_t time = knot_wire_read_u32(rd->data + rd->len - k);
				most = time > most ? time : most;
			}
		}
		knot_rdata_t *rd = set->rrs.rdata;
		for (uint16_t k = 0; set->type == KNOT_RRTYPE_RRSIG && k < set->rrs.count;
		     k++, rd = knot_rdataset_next(rd)) {
			uint32_t time = knot_rrsig_original_ttl(rd);
			most = time > most ? time : most;
		}
		if (most <= INT32_MAX)
			continue;
		snprintf(reason, size, "change it: the time %u in the %s record is above %d", most,
		    set->type == KNOT_RRTYPE_SOA ? "SOA" : "RRSIG", INT32_MAX);
		return true;
	}
	return false;
}

/* In an IPSECKEY's gateway (RFC 4025), NSD 4.6 takes an escaped dot for a dot. */
static bool changes_gateway(const struct zone *z, char *reason, size_t size)
{
	for (size_t i = 0; i < z->count; i++) {
		const knot_rrset_t *set = &z->rrsets[i];
		knot_rdata_t *rd = set->rrs.rdata;
		for (uint16_t k = 0; set->type == KNOT_RRTYPE_IPSECKEY && k < set->rrs.count;
		     k++, rd = knot_rdataset_next(rd)) {
			knot_dname_txt_storage_t name;
			if (rd->len < 4 || rd->data[1] != 3 ||
			    knot_dname_to_str(name, rd->data + 3, sizeof(name)) == NULL ||
			    strchr(name, '\\') == NULL)
				continue;
			snprintf(reason, size, "change it: the gateway %s of an IPSECKEY", name);
			return true;
		}
	}
	return false;
}

/* NSD 4.6 does not look at the length of the names that it hashes. */
static bool refuses_records(const struct zone *z, char *reason, size_t size)
{
	char words[300];
	if (!zone_nsec3_no_hash(z, false, words, sizeof(words)) &&
	    !zone_nsec3_no_wildcard(z, words, sizeof(words)))
		return changes_time(z, reason, size) || changes_gateway(z, reason, size);
	snprintf(reason, size, "die of it: %s", words);
	return true;
}

bool nsd_refuses(
    struct primary *p, const struct work *w, enum primary_stage stage, char *reason, size_t size)
{
	if (stage == STAGE_RECORDS)
		return refuses_records(w->item->zone, reason, size);
	if (stage == STAGE_NEW)
		return is_suspect(w->item->zone) && refuses(p, w, ".new", reason, size);
	return refuses(p, w, "", reason, size);
}
