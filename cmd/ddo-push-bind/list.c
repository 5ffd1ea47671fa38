#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bind.h"
#include "mem.h"
#include "zonefile.h"

#define ASK_MS 20000

struct held {
	char zone[NAME_SIZE];
	uint32_t serial; /* of the file */
	char digest[ZONE_DIGEST_SIZE];
};

struct holding {
	struct held *list;
	size_t count, cap;
};

static struct held *add(struct holding *h, const char *zone)
{
	if (h->count == h->cap) {
		h->cap = h->cap == 0 ? 256 : h->cap * 2;
		h->list = mem_resize(h->list, h->cap, sizeof(*h->list));
	}
	struct held *new = &h->list[h->count++];
	*new = (struct held){0};
	snprintf(new->zone, sizeof(new->zone), "%s", zone);
	return new;
}

static int compare(const void *a, const void *b)
{
	const struct held *x = a, *y = b;
	int c = strcmp(x->zone, y->zone);
	/* Of two the one with a digest first. */
	return c != 0 ? c : (int)(y->digest[0] != '\0') - (int)(x->digest[0] != '\0');
}

static int read_files(struct bind *b, struct holding *h, struct err *err)
{
	int fd = openat(b->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return err_sys(err, "cannot read %s", b->zones_dir);
	}
	for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
		size_t len = strlen(e->d_name);
		struct zone *z = NULL;
		if (len < 4 || strcmp(e->d_name + len - 3, ".db") != 0 ||
		    zonefile_parse(b->dir, e->d_name, "", &z, NULL) < 0)
			continue;
		struct held *held = add(h, z->name);
		held->serial = z->serial;
		snprintf(held->digest, sizeof(held->digest), "%s", z->digest);
		zone_free(z);
	}
	closedir(dir);
	return 0;
}

static void drop_doubles(struct holding *h)
{
	size_t n = 0;
	qsort(h->list, h->count, sizeof(*h->list), compare);
	for (size_t i = 0; i < h->count; i++) {
		if (n == 0 || strcmp(h->list[n - 1].zone, h->list[i].zone) != 0)
			h->list[n++] = h->list[i];
	}
	h->count = n;
}

static void print(FILE *out, const struct held *h, const struct dnsq_item *a)
{
	if (a->state == DNSQ_SERVED)
		fprintf(out, "%s\t%u\t%s\n", h->zone, a->serial,
		    h->digest[0] != '\0' && h->serial == a->serial ? h->digest : "-");
	else
		fprintf(out, "%s\t-\t-\n", h->zone);
}

int bind_list(void *ctx, FILE *out, struct err *err)
{
	struct bind *b = ctx;
	struct holding h = {0};
	int r = bind_ready(b, err);
	if (r == 0)
		r = read_files(b, &h, err);
	for (size_t i = 0; r == 0 && b->include != NULL && i < include_count(b->include); i++)
		add(&h, include_zone(b->include, i));
	if (h.count > 0)
		drop_doubles(&h);
	struct dnsq_item *answers = mem_alloc((h.count + 1) * sizeof(*answers));
	for (size_t i = 0; i < h.count; i++)
		answers[i].zone = h.list[i].zone;
	if (r == 0 && h.count > 0)
		r = dnsq_soa(b->dns, answers, h.count, ASK_MS, err);
	for (size_t i = 0; r == 0 && i < h.count; i++) {
		if (answers[i].state == DNSQ_NOANSWER)
			r = err_set(err, "%s does not answer for %s", b->server, h.list[i].zone);
	}
	for (size_t i = 0; r == 0 && i < h.count; i++)
		print(out, &h.list[i], &answers[i]);
	free(answers);
	free(h.list);
	return r;
}
