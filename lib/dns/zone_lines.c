/* zone_lines: cuts a rendered zone into records and fields. */
#include "dns/zone_lines.h"

#include <string.h>

/* Cuts "OWNER TTL IN TYPE RDATA" in place; an owner as libknot writes it has no blanks. */
static void cut_line(char *text, struct zone_line *line)
{
	char *fields[4];
	for (size_t i = 0; i < 4; i++) {
		fields[i] = text;
		text += strcspn(text, " \t");
		if (*text != '\0')
			*text++ = '\0';
		text += strspn(text, " \t");
	}
	for (size_t len = strlen(text); len > 0 && text[len - 1] == ' '; len--)
		text[len - 1] = '\0'; /* libknot ends a CAA with a blank */
	*line = (struct zone_line){fields[0], fields[1], fields[3], text, NULL};
}

int zone_lines(const struct zone *z, char *text,
    int (*take)(void *ctx, const struct zone_line *line, const knot_rrset_t *set), void *ctx)
{
	const knot_rrset_t *soa = zone_soa(z);
	int r = 0;
	for (size_t i = 0; r == 0 && i <= z->count; i++) {
		const knot_rrset_t *set = i == 0 ? soa : &z->rrsets[i - 1];
		if (i > 0 && set == soa)
			continue;
		knot_rdata_t *wire = set->rrs.rdata;
		for (uint16_t k = 0; r == 0 && k < set->rrs.count; k++) {
			struct zone_line line;
			char *end = strchr(text, '\n');
			*end = '\0';
			cut_line(text, &line);
			text = end + 1;
			line.wire = wire;
			wire = knot_rdataset_next(wire);
			r = take(ctx, &line, set);
		}
	}
	return r;
}
