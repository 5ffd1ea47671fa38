/* zone_same: does ddo read zones as named reads them?
 *
 * zone_same DIR DUMP: each DIR/ZONE.db is read by zone_parse(), and what named made of it (`rndc
 * dumpdb -zones`) stands in DUMP, or does not where named refused it.  Prints a line for each zone
 * with a difference: "ZONE: named refuses, ddo takes it", "ZONE: ddo refuses: REASON", "ZONE:
 * differs" with the records of both.  The last line counts.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/msg.h"
#include "dns/zone.h"

struct section {
	char name[NAME_SIZE];
	const char *text;
	size_t len;
};

struct dump {
	struct section *list;
	size_t count, cap;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct section *)a)->name, ((const struct section *)b)->name);
}

/* "; Zone dump of 'NAME/IN/VIEW'", and the zone up to the next one. */
static void split(struct dump *d, const char *text)
{
	static const char head[] = "; Zone dump of '";
	for (const char *at = strstr(text, head), *next; at != NULL; at = next) {
		const char *name = at + sizeof(head) - 1, *start = strchr(name, '\n');
		next = strstr(name, head);
		if (start == NULL)
			break;
		if (d->count == d->cap) {
			d->cap = d->cap == 0 ? 1024 : d->cap * 2;
			d->list = mem_resize(d->list, d->cap, sizeof(*d->list));
		}
		if (strncmp(start + 1, ";\n; zone not loaded", 19) == 0)
			continue;
		struct section *s = &d->list[d->count++];
		snprintf(s->name, sizeof(s->name), "%.*s", (int)strcspn(name, "/"), name);
		s->text = start + 1;
		s->len = next == NULL ? strlen(s->text) : (size_t)(next - s->text);
	}
	if (d->count > 0)
		qsort(d->list, d->count, sizeof(*d->list), by_name);
}

static void render(const struct zone *z, struct buf *out)
{
	struct err err;
	if (zone_render(z, out, &err) < 0)
		die_data("%s", err.text);
}

/* false: there is a difference, which was printed. */
static bool compare(const char *name, const struct buf *text, const struct section *named)
{
	struct zone *ours = NULL, *theirs = NULL;
	struct buf a = {0}, b = {0};
	struct err err = {""}, why = {""};
	bool good = zone_parse(name, buf_str(text), text->len, 0, &ours, &err) == 0;
	bool same = good == (named != NULL);
	if (!good && named != NULL) {
		printf("%s: ddo refuses: %s\n", name, err.text);
	} else if (good && named == NULL) {
		printf("%s: named refuses, ddo takes it\n", name);
	} else if (good && zone_parse(name, named->text, named->len, 0, &theirs, &why) < 0) {
		printf("%s: ddo does not read what named wrote: %s\n", name, why.text);
		same = false;
	} else if (good) {
		render(ours, &a);
		render(theirs, &b);
		same = strcmp(buf_str(&a), buf_str(&b)) == 0;
		if (!same)
			printf("%s: differs\nddo:\n%snamed:\n%s", name, buf_str(&a), buf_str(&b));
	}
	zone_free(ours);
	zone_free(theirs);
	buf_free(&a);
	buf_free(&b);
	return same;
}

int main(int argc, char **argv)
{
	struct err err;
	struct buf dumped = {0};
	struct dump d = {0};
	size_t same = 0, taken = 0, different = 0;
	msg_init("zone_same");
	if (argc != 3)
		die_usage("usage: zone_same DIR DUMP");
	if (file_read(AT_FDCWD, argv[2], &dumped, (size_t)1 << 31, &err) < 0)
		die_noinput("%s", err.text);
	split(&d, buf_str(&dumped));
	DIR *dir = opendir(argv[1]);
	if (dir == NULL)
		die_noinput("cannot list %s", argv[1]);
	for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
		struct section key = {.name = ""};
		struct buf text = {0};
		size_t len = strlen(e->d_name);
		if (len < 4 || strcmp(e->d_name + len - 3, ".db") != 0)
			continue;
		snprintf(key.name, sizeof(key.name), "%.*s", (int)(len - 3), e->d_name);
		if (file_read(dirfd(dir), e->d_name, &text, (size_t)1 << 26, &err) < 0)
			die_noinput("%s", err.text);
		const struct section *named =
		    d.count == 0 ? NULL : bsearch(&key, d.list, d.count, sizeof(key), by_name);
		taken += named != NULL;
		if (compare(key.name, &text, named))
			same++;
		else
			different++;
		buf_free(&text);
	}
	closedir(dir);
	printf("%zu alike, %zu different; named took %zu\n", same, different, taken);
	return different == 0 ? 0 : 1;
}
