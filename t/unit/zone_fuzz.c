/* zone_fuzz NAME SEED ROUNDS FILE...: parses ROUNDS mutations of the zones in FILEs.  What is
 * refused must have a reason; what is accepted must come back the same from its own rendering.
 * Prints "N accepted, N refused"; exits 1 at the first that does not hold, and shows it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "file.h"
#include "mem.h"
#include "msg.h"
#include "zone.h"

static const char *const words[] = {"\n", "\"", "(", ")", ";", "\\", "\\000", "\\255",
    "$ORIGIN .\n", "$TTL 1\n", "$INCLUDE x\n", "@", ".", "..", "*", " IN ", " CH ", " SOA ",
    " CNAME ", " RRSIG ", "\\# 0", "\\# 1 00", "4294967295", "-1", "\t", "\r\n", "TYPE257", " ANY ",
    "\"\"", "2147483648"};

static unsigned random_below(unsigned *state, size_t limit)
{
	*state = *state * 1664525 + 1013904223;
	return limit == 0 ? 0 : (unsigned)((*state >> 8) % limit);
}

static void mutate(struct buf *text, unsigned *state)
{
	struct buf out = {0};
	size_t at = random_below(state, text->len + 1);
	size_t len = random_below(state, 40), from = random_below(state, text->len + 1);
	if (len > text->len - at)
		len = text->len - at;
	size_t copy = text->len - from < 40 ? text->len - from : 40;
	const char *word = words[random_below(state, sizeof(words) / sizeof(words[0]))];
	buf_add(&out, text->data, at);
	switch (random_below(state, 4)) {
	case 0: /* another octet */
		buf_addc(&out, (char)random_below(state, 256));
		len = len > 0;
		break;
	case 1: /* a part is missing */
		break;
	case 2: /* a part comes twice */
		buf_add(&out, text->data + from, copy);
		len = 0;
		break;
	default:
		buf_adds(&out, word);
		len = 0;
	}
	buf_add(&out, text->data + at + len, text->len - at - len);
	buf_free(text);
	*text = out;
}

/* NULL, or what is wrong. */
static const char *round_trip(const struct zone *z)
{
	struct buf first = {0}, second = {0};
	struct zone *again = NULL;
	struct err err;
	const char *wrong = NULL;
	if (zone_render(z, &first, &err) < 0)
		wrong = "accepted, but cannot be rendered";
	else if (zone_parse_rendered(buf_str(&first), first.len, &again, &err) < 0)
		wrong = "accepted, but its rendering is refused";
	else if (strcmp(z->digest, again->digest) != 0)
		wrong = "its rendering has another digest";
	else if (zone_render(again, &second, &err) < 0 || second.len != first.len ||
		 memcmp(first.data, second.data, first.len) != 0)
		wrong = "rendering it twice differs";
	zone_free(again);
	buf_free(&first);
	buf_free(&second);
	return wrong;
}

int main(int argc, char **argv)
{
	msg_init("zone_fuzz");
	if (argc < 5)
		die_usage("usage: zone_fuzz NAME SEED ROUNDS FILE...");
	unsigned state = (unsigned)strtoul(argv[2], NULL, 10), accepted = 0, refused = 0;
	for (unsigned long left = strtoul(argv[3], NULL, 10); left > 0; left--) {
		struct buf text = {0};
		struct zone *z;
		struct err err = {0};
		const char *file = argv[4 + random_below(&state, (size_t)argc - 4)], *wrong = NULL;
		if (file_read(AT_FDCWD, file, &text, (size_t)1 << 20, &err) < 0)
			die_noinput("%s", err.text);
		for (unsigned i = random_below(&state, 6); i > 0; i--)
			mutate(&text, &state);
		if (zone_parse(argv[1], buf_str(&text), text.len, 0, &z, &err) == 0) {
			accepted++;
			wrong = round_trip(z);
			zone_free(z);
		} else {
			refused++;
			wrong = err.text[0] == '\0' ? "refused without a reason" : NULL;
		}
		if (wrong != NULL) {
			printf("%s, %lu rounds left:\n", wrong, left);
			fwrite(text.data, 1, text.len, stdout);
		}
		buf_free(&text);
		if (wrong != NULL)
			return 1;
	}
	printf("%u accepted, %u refused\n", accepted, refused);
	return 0;
}
