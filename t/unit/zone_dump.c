/* zone_dump NAME < text: prints "serial digest records" and the zone as ddo renders it. */
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"
#include "base/msg.h"
#include "dns/zone.h"

int main(int argc, char **argv)
{
	struct err err;
	struct buf text = {0}, out = {0};
	struct zone *z;
	msg_init("zone_dump");
	if (argc != 2)
		die_usage("usage: zone_dump NAME < text");
	if (file_read_all(STDIN_FILENO, &text, (size_t)1 << 30, &err) < 0)
		die_noinput("%s", err.text);
	if (zone_parse(argv[1], buf_str(&text), text.len, 0, &z, &err) < 0)
		die_data("%s", err.text);
	if (zone_render(z, &out, &err) < 0)
		die_data("%s", err.text);
	printf("%u %s %zu\n%s", z->serial, z->digest, z->records, buf_str(&out));
	zone_free(z);
	buf_free(&text);
	buf_free(&out);
	return 0;
}
