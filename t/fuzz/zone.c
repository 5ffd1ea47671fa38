/* zone: any text as a zone.  A refused text has a reason.  An accepted one renders to a text that
 * is accepted, has the same digest, and renders to the same text. */
#include "fuzz.h"

#include <string.h>

#include "dns/zone.h"

static void round_trip(const struct zone *z)
{
	struct buf first = {0}, second = {0};
	struct zone *again;
	struct err err = {""};
	HOLDS(zone_render(z, &first, &err) == 0);
	if (zone_parse_rendered(buf_str(&first), first.len, &again, &err) < 0)
		fprintf(stderr, "%s in\n%s", err.text, buf_str(&first));
	HOLDS(err.text[0] == '\0');
	HOLDS(strcmp(z->digest, again->digest) == 0);
	HOLDS(strcmp(z->name, again->name) == 0);
	HOLDS(zone_render(again, &second, &err) == 0);
	HOLDS(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
	zone_free(again);
	struct zone_limits limits = {.bytes = first.len};
	HOLDS(zone_parse_within(z->name, buf_str(&first), first.len, &limits, &again, &err) == 0);
	zone_free(again);
	limits.bytes--;
	HOLDS(zone_parse_within(z->name, buf_str(&first), first.len, &limits, &again, &err) < 0);
	buf_free(&first);
	buf_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"odd.example", "2.0.192.in-addr.arpa"};
	for (size_t i = 0; i < 2; i++) {
		struct zone *z;
		struct err err = {""};
		if (zone_parse(names[i], (const char *)data, size, 1000, &z, &err) == 0) {
			HOLDS(z->records <= 1000);
			round_trip(z);
			zone_free(z);
		} else {
			HOLDS(err.text[0] != '\0' && strchr(err.text, '\n') == NULL);
		}
	}
	return 0;
}
