/* parse ZONE < text: what reading a zone costs a record, beside libzscanner alone over the text. */
#include <libzscanner/scanner.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/msg.h"
#include "dns/master.h"
#include "dns/zone.h"

#define ROUNDS 5

static double cpu_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* The records. */
static size_t whole(const char *name, const struct buf *text)
{
	struct zone *z;
	struct err err;
	if (zone_parse(name, text->data, text->len, 0, &z, &err) < 0)
		die_data("%s", err.text);
	size_t records = z->records;
	zone_free(z);
	return records;
}

static size_t words(const char *name, const struct buf *text)
{
	struct master m;
	struct buf line = {0};
	struct err err;
	uint64_t number;
	size_t lines = 0;
	int r;
	master_open(&m, name, text->data, text->len);
	while ((r = master_next(&m, &line, &number, &err)) > 0)
		lines++;
	if (r < 0)
		die_data("%s", err.text);
	master_close(&m);
	buf_free(&line);
	return lines;
}

static size_t scanner(const char *name, const struct buf *text)
{
	zs_scanner_t *zs = mem_alloc(sizeof(*zs));
	size_t records = 0;
	char origin[NAME_SIZE + 1];
	snprintf(origin, sizeof(origin), "%s.", name);
	if (zs_init(zs, origin, KNOT_CLASS_IN, 0) != 0 ||
	    zs_set_input_string(zs, text->data, text->len) != 0)
		die_temp("libzscanner does not start");
	while (zs_parse_record(zs) == 0 && zs->state == ZS_STATE_DATA)
		records++;
	zs_deinit(zs);
	free(zs);
	return records;
}

static void measure(const char *what, size_t (*read)(const char *name, const struct buf *text),
    const char *name, const struct buf *text)
{
	double best = 0;
	size_t records = 1;
	for (int i = 0; i < ROUNDS; i++) {
		double start = cpu_us();
		records = read(name, text);
		double spent = cpu_us() - start;
		best = i == 0 || spent < best ? spent : best;
	}
	printf("%s=%.3f ", what, best / (double)records);
}

int main(int argc, char **argv)
{
	struct buf text = {0};
	struct err err;
	msg_init("parse");
	if (argc != 2)
		die_usage("usage: parse ZONE < text");
	if (file_read_all(STDIN_FILENO, &text, (size_t)1 << 30, &err) < 0)
		die_noinput("%s", err.text);
	measure("zone", whole, argv[1], &text);
	measure("words", words, argv[1], &text);
	measure("scanner", scanner, argv[1], &text);
	printf("us a record\n");
	buf_free(&text);
	return 0;
}
