/* held: takes apart what the verb list prints. */
#include "push/held.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dns/name.h"

static int by_zone(const void *a, const void *b)
{
	return strcmp(((const struct held *)a)->zone, ((const struct held *)b)->zone);
}

static char *cut_field(char **at)
{
	char *field = *at, *tab = strchr(field, '\t');
	if (tab != NULL)
		*tab = '\0';
	*at = tab == NULL ? field + strlen(field) : tab + 1;
	return field;
}

static int add(struct held_list *l, char *line, struct err *err)
{
	char normal[NAME_SIZE];
	struct held h = {.zone = cut_field(&line)};
	h.serial = cut_field(&line);
	h.digest = cut_field(&line);
	/* Any other remark is for people. */
	h.foreign = strcmp(cut_field(&line), "foreign") == 0;
	if (name_normalize(h.zone, strlen(h.zone), normal, NULL) < 0 ||
	    strcmp(normal, h.zone) != 0 || h.digest[0] == '\0' || *line != '\0')
		return err_set(err, "not a line of a list: %.100s", h.zone);
	if (l->count == l->cap) {
		l->cap = l->cap == 0 ? 256 : l->cap * 2;
		l->zones = mem_resize(l->zones, l->cap, sizeof(*l->zones));
	}
	l->unsorted =
	    l->unsorted || (l->count > 0 && strcmp(l->zones[l->count - 1].zone, h.zone) > 0);
	l->zones[l->count++] = h;
	return 0;
}

int held_parse(struct held_list *l, struct buf *text, size_t most, struct err *err)
{
	if (text->len > 0 && text->data[text->len - 1] != '\n')
		return err_set(err, "the last line of the list does not end");
	for (size_t i = 0; i < most && l->next < text->len; i++) {
		char *line = text->data + l->next;
		char *end = memchr(line, '\n', text->len - l->next);
		*end = '\0';
		if (strlen(line) != (size_t)(end - line))
			return err_set(err, "not a list: it holds a NUL");
		l->next += (size_t)(end - line) + 1;
		if (add(l, line, err) < 0)
			return -1;
	}
	if (l->next < text->len)
		return 1;
	if (l->unsorted)
		qsort(l->zones, l->count, sizeof(*l->zones), by_zone);
	return 0;
}

void held_free(struct held_list *l)
{
	free(l->zones);
	*l = (struct held_list){0};
}

bool held_serial(const struct held *h, uint32_t *serial)
{
	char *end;
	errno = 0;
	unsigned long long n = strtoull(h->serial, &end, 10);
	if (h->serial[0] < '0' || h->serial[0] > '9' || *end != '\0' || errno != 0 ||
	    n > UINT32_MAX)
		return false;
	*serial = (uint32_t)n;
	return true;
}
