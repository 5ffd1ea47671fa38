/* wording: a zone in the words of PowerDNS and CoreDNS reads back as the same zone.  Any words from
 * a server can be read without harm. */
#include "fuzz.h"

#include <string.h>

#include "dns/wording.h"
#include "dns/zone_lines.h"

struct taker {
	enum wording wording;
	struct buf text;
};

static int take(void *ctx, const struct zone_line *line, const knot_rrset_t *set)
{
	struct taker *t = ctx;
	char type[WORDING_TYPE_SIZE];
	struct buf data = {0};
	bool other = wording_write(t->wording, set->type, line->wire, type, &data);
	wording_read_name(line->owner, &t->text);
	buf_addf(&t->text, " %s IN ", line->ttl);
	wording_read(
	    t->wording, other ? type : line->type, other ? buf_str(&data) : line->rdata, &t->text);
	buf_addc(&t->text, '\n');
	buf_free(&data);
	return 0;
}

static void round_trip(const struct zone *z, enum wording w)
{
	struct taker t = {.wording = w};
	struct buf text = {0};
	struct zone *again;
	struct err err = {""};
	HOLDS(zone_render(z, &text, &err) == 0);
	zone_lines(z, text.data, take, &t);
	if (zone_parse(z->name, buf_str(&t.text), t.text.len, 0, &again, &err) < 0)
		fprintf(stderr, "%s in\n%s", err.text, buf_str(&t.text));
	HOLDS(err.text[0] == '\0');
	HOLDS(strcmp(z->digest, again->digest) == 0);
	zone_free(again);
	buf_free(&t.text);
	buf_free(&text);
}

/* Any "TYPE DATA". */
static void read_any(const char *text)
{
	char type[32];
	size_t len = strcspn(text, " ");
	struct buf out = {0};
	snprintf(type, sizeof(type), "%.*s", (int)(len < 31 ? len : 31), text);
	for (int w = WORDING_PDNS; w <= WORDING_COREDNS; w++) {
		wording_read((enum wording)w, type, text + len, &out);
		wording_read_name(text, &out);
	}
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zone *z;
	struct buf text = {0};
	buf_add(&text, data, size);
	if (zone_parse("words.example", buf_str(&text), text.len, 1000, &z, NULL) == 0) {
		round_trip(z, WORDING_PDNS);
		round_trip(z, WORDING_COREDNS);
		zone_free(z);
	}
	read_any(buf_str(&text));
	buf_free(&text);
	return 0;
}
