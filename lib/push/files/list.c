/* list: prints what a server holds, for the verb list. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "push/files/primary.h"

#define ASK_MS 20000
#define STILL_MS 3000
#define UNKNOWN_ZONE "list.ddo.invalid"
#define ASK_MS_EACH 1 /* even a busy server answers one question a ms */

struct held {
	char zone[NAME_SIZE];
	uint32_t serial; /* of the file */
	char digest[ZONE_DIGEST_SIZE];
	bool foreign;
};

struct primary_list {
	struct held *list;
	size_t count, cap;
};

struct primary_list *primary_list_new(void)
{
	return mem_alloc(sizeof(struct primary_list));
}

void primary_list_free(struct primary_list *l)
{
	free(l->list);
	free(l);
}

static struct held *add(struct primary_list *l, const char *zone)
{
	if (l->count == l->cap) {
		l->cap = l->cap == 0 ? 256 : l->cap * 2;
		l->list = mem_resize(l->list, l->cap, sizeof(*l->list));
	}
	struct held *new = &l->list[l->count++];
	*new = (struct held){0};
	snprintf(new->zone, sizeof(new->zone), "%s", zone);
	return new;
}

void primary_list_zone(struct primary_list *l, const char *zone, const struct zone *z)
{
	struct held *held = add(l, zone);
	if (z == NULL)
		return;
	held->serial = z->serial;
	snprintf(held->digest, sizeof(held->digest), "%s", z->digest);
}

void primary_list_foreign(struct primary_list *l, const char *zone)
{
	add(l, zone)->foreign = true;
}

void primary_list_add(struct primary_list *l, struct primary *p, const char *zone, const char *file)
{
	struct zone *z = NULL;
	if (file != NULL && zonefile_parse(p->dir, file, "", &z, NULL) < 0)
		z = NULL;
	primary_list_zone(l, zone, z != NULL && strcmp(z->name, zone) == 0 ? z : NULL);
	zone_free(z);
}

int primary_list_files(struct primary_list *l, struct primary *p, struct err *err)
{
	int fd = openat(p->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return err_sys(err, "cannot read %s", p->zones_dir);
	}
	for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
		size_t len = strlen(e->d_name);
		struct zone *z = NULL;
		char zone[NAME_SIZE];
		if (len < 4 || strcmp(e->d_name + len - 3, ".db") != 0)
			continue;
		/* A file that cannot be read is a zone without data; other entries are no zones. */
		if (zonefile_parse(p->dir, e->d_name, "", &z, NULL) == 0)
			primary_list_zone(l, z->name, z);
		else if (e->d_type == DT_REG && zonefile_zone(e->d_name, zone) == 0)
			primary_list_zone(l, zone, NULL);
		zone_free(z);
	}
	closedir(dir);
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct held *x = a, *y = b;
	int c = strcmp(x->zone, y->zone);
	/* Of two for one zone, the one with a digest comes first. */
	return c != 0 ? c : (int)(y->digest[0] != '\0') - (int)(x->digest[0] != '\0');
}

static void sort(struct primary_list *l)
{
	size_t n = 0;
	if (l->count > 0)
		qsort(l->list, l->count, sizeof(*l->list), compare);
	for (size_t i = 0; i < l->count; i++) {
		if (n == 0 || strcmp(l->list[n - 1].zone, l->list[i].zone) != 0)
			l->list[n++] = l->list[i];
	}
	l->count = n;
}

static void print(FILE *out, const struct held *h, const struct dnsq_item *a)
{
	if (h->foreign)
		fprintf(out, "%s\t-\t-\tforeign\n", h->zone);
	else if (a->state == DNSQ_SERVED)
		fprintf(out, "%s\t%u\t%s\n", h->zone, a->serial,
		    h->digest[0] != '\0' && h->serial == a->serial ? h->digest : "-");
	else
		fprintf(out, "%s\t-\t-\n", h->zone);
}

/* A server that is silent about one zone, and answers for another, is there. */
static bool still_answers(struct primary *p)
{
	struct dnsq_item item = {.zone = UNKNOWN_ZONE};
	return dnsq_ask(p->dns, &item, 1, STILL_MS, NULL) == 0 && item.state != DNSQ_NOANSWER;
}

int primary_list_print(struct primary_list *l, struct primary *p, FILE *out, struct err *err)
{
	sort(l);
	struct dnsq_item *answers = mem_alloc((l->count + 1) * sizeof(*answers));
	size_t count = 0, next = 0;
	for (size_t i = 0; i < l->count; i++) {
		if (!l->list[i].foreign)
			answers[count++].zone = l->list[i].zone;
	}
	/* An empty list counts only when the server is there. */
	if (count == 0)
		answers[count++].zone = UNKNOWN_ZONE;
	int r = dnsq_ask(p->dns, answers, count, ASK_MS + (int)count * ASK_MS_EACH, err);
	for (size_t i = 0; r == 0 && i < count; i++) {
		if (answers[i].state == DNSQ_NOANSWER && !still_answers(p))
			r = err_set(err, "%s does not answer for %s", p->server, answers[i].zone);
		else if (answers[i].state == DNSQ_NOANSWER)
			break;
	}
	for (size_t i = 0; r == 0 && i < l->count; i++) {
		const struct held *h = &l->list[i];
		print(out, h, h->foreign ? NULL : &answers[next++]);
	}
	free(answers);
	return r;
}
