/* reason: named's words about a load that failed, and what they leave out. */
#include <string.h>

#include "bind.h"

int reason_of_load(const char *text, struct err *out)
{
	const char *start = strstr(text, "dns_zone_load");
	start = start == NULL ? NULL : strstr(start, " failed: ");
	if (start == NULL)
		return -1;
	start += strlen(" failed: ");
	err_set(out, "%.*s", (int)strcspn(start, "?\n"), start);
	return 0;
}

/* These of named's results (isc_result_totext()) are about what is around a file.  All others, when
 * a load fails, are about its content. */
bool reason_blames_file(const char *words)
{
	static const char *const around[] = {"file not found", "permission denied", "out of memory",
	    "no permission", "not found", "already exists", "no available", "too many open files",
	    "disk", "quota", "I/O error", "unexpected error", "ran out of space", "timed out",
	    "shutting down", "canceled", "busy", "not implemented", "dynamic zone"};
	for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
		if (strcasestr(words, around[i]) != NULL)
			return false;
	}
	return words[0] != '\0' && strcmp(words, "failure") != 0;
}

/* The RRset, or the name, that is most likely over one of named's limits, which are 100 where
 * named.conf does not say otherwise. */
static void say_counts(const struct zone *z, struct err *why)
{
	char owner[KNOT_DNAME_TXT_MAXLEN + 1], type[32];
	size_t most = 0, types = 1, most_types = 0, name = 0;
	for (size_t i = 0; i < z->count; i++) {
		if (z->rrsets[i].rrs.count > z->rrsets[most].rrs.count)
			most = i;
		types = i > 0 && knot_dname_is_equal(z->rrsets[i].owner, z->rrsets[i - 1].owner)
			    ? types + 1
			    : 1;
		if (types > most_types) {
			most_types = types;
			name = i;
		}
	}
	const knot_rrset_t *set = &z->rrsets[most];
	if (set->rrs.count < most_types) {
		knot_dname_to_str(owner, z->rrsets[name].owner, sizeof(owner));
		err_set(why,
		    "%s has %zu types, more than named takes (max-types-per-name, default 100)",
		    owner, most_types);
		return;
	}
	knot_dname_to_str(owner, set->owner, sizeof(owner));
	knot_rrtype_to_string(set->type, type, sizeof(type));
	err_set(why,
	    "%s %s has %u records, more than named takes (max-records-per-type, default 100)",
	    owner, type, set->rrs.count);
}

void reason_add_details(const struct bind *b, const struct work *w, struct err *why)
{
	char words[400];
	if (strstr(why->text, "too many records") != NULL)
		say_counts(w->item->zone, why);
	else if (strcmp(why->text, "bad zone") == 0 && check_strict(b, w, words, sizeof(words)))
		err_set(why, "%s", words);
}
