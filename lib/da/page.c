/* page: the pages of DirectAdmin's zone list. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/url.h"
#include "da/answer.h"

#define PAGES_MAX 10000000
#define ENTRIES_MAX 10000000

static enum da_fault garbled(struct err *why, const char *reason)
{
	err_set(why, "the zone list: %s", reason);
	return DA_GARBLED;
}

static void add_name(struct da_page *p, const char *name, size_t len)
{
	char normal[NAME_SIZE];
	p->entries++;
	if (name_normalize(name, len, normal, NULL) < 0)
		return;
	if (p->count == p->cap) {
		p->cap = p->cap == 0 ? 64 : p->cap * 2;
		p->names = mem_resize(p->names, p->cap, sizeof(*p->names));
	}
	p->names[p->count++] = mem_dup(normal);
}

void da_page_free(struct da_page *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->names[i]);
	free(p->names);
	*p = (struct da_page){0};
}

/* The value of a number or of a string of digits; -1: it is neither. */
static int64_t number(const json_t *v)
{
	const char *s = json_string_value(v);
	if (json_is_integer(v))
		return json_integer_value(v) < 0 ? -1 : json_integer_value(v);
	if (s == NULL || s[0] == '\0' || strlen(s) > 12 || strspn(s, "0123456789") != strlen(s))
		return -1;
	return strtoll(s, NULL, 10);
}

static enum da_fault take_info(
    const json_t *info, uint64_t asked, struct da_page *out, struct err *why)
{
	int64_t current = number(json_object_get(info, "current_page"));
	int64_t total = number(json_object_get(info, "total_pages"));
	if (!json_is_object(info))
		return garbled(why, "without info");
	if (total < 0 || total > PAGES_MAX)
		return garbled(why, "total_pages is not a number");
	if (current >= 0 && current != (int64_t)asked && total > 0)
		return garbled(why, "not the page that ddo asked for");
	out->total_pages = (uint64_t)total;
	out->rows = number(json_object_get(info, "rows"));
	return DA_NONE;
}

static enum da_fault take_entries(json_t *object, struct da_page *out, struct err *why)
{
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value)
	{
		const json_t *domain = json_object_get(value, "domain");
		if (strspn(key, "0123456789") != strlen(key) || key[0] == '\0') {
			if (strcmp(key, "info") != 0 && domain != NULL)
				return garbled(why, "an entry under a key that is not a number");
			continue;
		}
		if (!json_is_string(domain))
			return garbled(why, "an entry without a domain");
		add_name(out, json_string_value(domain), json_string_length(domain));
	}
	return DA_NONE;
}

/* The character of "&#46;" or "&#46" at s, -1: none; *used octets.  Without ';' it has two digits,
 * or three if two make a control character. */
static int entity(const char *s, size_t len, size_t *used)
{
	size_t digits = 0, want;
	int value = 0;
	if (len < 4 || s[0] != '&' || s[1] != '#')
		return -1;
	while (digits < 3 && 2 + digits < len && isdigit((unsigned char)s[2 + digits]))
		digits++;
	if (digits < 2)
		return -1;
	want = digits;
	if (2 + digits >= len || s[2 + digits] != ';')
		want = digits == 3 && (s[2] == '1' && s[3] <= '2') ? 3 : 2;
	for (size_t i = 0; i < want; i++)
		value = value * 10 + (s[2 + i] - '0');
	*used = 2 + want + (2 + want < len && s[2 + want] == ';');
	return value > ' ' && value < 127 ? value : -1;
}

static void decode(const char *s, size_t len, struct buf *out)
{
	buf_reset(out);
	for (size_t i = 0; i < len;) {
		size_t used = 1;
		int c = entity(s + i, len - i, &used);
		if (c < 0 && len - i > 2 && (c = url_octet(s + i)) >= 0)
			used = 3;
		buf_addc(out, c < 0 ? s[i] : (char)c);
		i += used;
	}
}

/* Where the next "list[]=name" ends: at a newline, or at a '&' that begins no entity. */
static size_t piece_end(const char *s, size_t len)
{
	size_t i = 0, used;
	while (i < len && s[i] != '\n' && s[i] != '\r' &&
	       (s[i] != '&' || entity(s + i, len - i, &used) >= 0))
		i++;
	return i;
}

static enum da_fault take_old(const char *s, size_t len, struct da_page *out, struct err *why)
{
	struct buf piece = {0};
	enum da_fault f = DA_NONE;
	out->old = true;
	out->total_pages = 1;
	for (size_t i = 0; i < len && f == DA_NONE;) {
		size_t n = piece_end(s + i, len - i);
		decode(s + i, n, &piece);
		if (piece.len > 0) {
			if (piece.len <= 7 || memcmp(piece.data, "list[]=", 7) != 0)
				f = garbled(why, "a part that is not list[]=name");
			else
				add_name(out, piece.data + 7, piece.len - 7);
		}
		i += n + 1;
	}
	buf_free(&piece);
	return f;
}

static bool looks_old(const char *s)
{
	return strncmp(s, "list[", 5) == 0 || strncmp(s, "list&#", 6) == 0 ||
	       strncasecmp(s, "list%5b", 7) == 0;
}

enum da_fault da_answer_page(
    const struct da_reply *r, uint64_t page, unsigned ipp, struct da_page *out, struct err *why)
{
	json_t *object;
	const char *s = buf_str(&r->body);
	*out = (struct da_page){.rows = -1};
	s += strspn(s, " \t\r\n");
	if (looks_old(s)) {
		enum da_fault f = take_old(s, (size_t)(r->body.data + r->body.len - s), out, why);
		if (f == DA_NONE && page != 1)
			return garbled(why, "the old form in the middle of the new one");
		if (f == DA_NONE && !r->framed)
			return garbled(why, "its end is uncertain (old form, no length)");
		if (f == DA_NONE && out->entries == ipp)
			return garbled(
			    why, "as many names as a page holds, in the old form: raise ipp");
		return f;
	}
	enum da_fault f = da_answer_json(r, &object, why);
	if (f == DA_NONE)
		f = take_info(json_object_get(object, "info"), page, out, why);
	if (f == DA_NONE)
		f = take_entries(object, out, why);
	json_decref(object);
	return f;
}

enum da_fault da_pages_add(struct da_pages *all, const struct da_page *p, struct err *why)
{
	if (all->count == 0)
		*all = (struct da_pages){.total = p->total_pages,
		    .first = p->entries,
		    .rows_total = true,
		    .rows_page = true,
		    .rows = -1};
	all->count++;
	if (p->total_pages != all->total)
		return garbled(why, "pages disagree about total_pages");
	if (p->entries > 0 && all->total == 0)
		return garbled(why, "it has entries, but total_pages is 0");
	if (p->entries == 0 && all->total > 1)
		return garbled(why, "an empty page");
	if (p->entries > all->first)
		return garbled(why, "a page with more entries than the first");
	if (all->count < all->total && p->entries < all->first)
		return garbled(why, "a page with fewer entries than the first");
	all->last = p->entries;
	all->entries += p->entries;
	if (all->entries > ENTRIES_MAX)
		return garbled(why, "more entries than there can be zones");
	if (p->rows >= 0) {
		all->rows_page = all->rows_page && (size_t)p->rows == p->entries;
		all->rows_total = all->rows_total && (all->rows < 0 || all->rows == p->rows);
		all->rows = p->rows;
	}
	return DA_NONE;
}

enum da_fault da_pages_end(const struct da_pages *all, struct err *why)
{
	bool total = all->rows_total && (size_t)all->rows == all->entries;
	if (all->rows >= 0 && !total && !all->rows_page) {
		err_set(why, "the zone list: %zu entries arrived, but rows says %lld", all->entries,
		    (long long)all->rows);
		return DA_GARBLED;
	}
	return DA_NONE;
}
