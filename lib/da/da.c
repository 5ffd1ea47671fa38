/* da: opening a DirectAdmin, its zone list, one zone, and the check of what answers. */
#include "da/da.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/url.h"
#include "da/da_private.h"

#define PAGE_MAX ((size_t)64 << 20)

static int check_conf(struct da *da, struct err *err)
{
	const struct conf_da *s = da->server;
	if (s->username == NULL || s->password == NULL)
		return da_fail(da, DA_CONFIG, err, "%s is missing in the configuration",
		    s->username == NULL ? "username" : "password");
	if (s->ssl && s->ca_file != NULL && access(s->ca_file, R_OK) < 0)
		return da_fail(da, DA_CONFIG, err, "cannot read ca_file %s", s->ca_file);
	return 0;
}

int da_open(struct da **out, const struct conf *conf, const struct conf_da *server, struct err *err)
{
	struct da *da = mem_alloc(sizeof(*da));
	struct buf origin = {0};
	bool six = strchr(server->hostname, ':') != NULL;
	*da = (struct da){.conf = conf, .server = server};
	*out = NULL;
	if (check_conf(da, err) < 0) {
		free(da);
		return -1;
	}
	buf_addf(&origin, "http%s://%s%s%s:%u", server->ssl ? "s" : "", six ? "[" : "",
	    server->hostname, six ? "]" : "", server->port);
	da->origin = origin.data;
	da_lock_open(da);
	if (da_http_open(da, err) < 0) {
		da_close(da);
		return -1;
	}
	*out = da;
	return 0;
}

void da_close(struct da *da)
{
	if (da == NULL)
		return;
	da_http_close(da);
	buf_free(&da->reply.body);
	free(da->origin);
	free(da->lock_path);
	free(da);
}

int da_zone(struct da *da, const char *zone, struct buf *out, struct err *err)
{
	struct buf path = {0};
	struct err why;
	buf_adds(&path, "/CMD_API_DNS_ADMIN?domain=");
	url_encode(&path, zone);
	int r = da_call(da, path.data, NULL, da->conf->max_body, err);
	buf_free(&path);
	if (r < 0)
		return -1;
	enum da_fault f = da_answer_zone(&da->reply, zone, &why);
	if (f != DA_NONE)
		return da_fail(da, f, err, "%s", why.text);
	buf_add(out, da->reply.body.data, da->reply.body.len);
	return 0;
}

/* Does the page repeat the first page or the one before?  Without this check, only the end of a
 * long list would show it. */
static bool repeats(const struct da_list *l, const struct da_page *p, size_t before)
{
	if (p->count == 0 || l->count == 0)
		return false;
	return strcmp(p->names[0], l->zones[0]) == 0 ||
	       (before < l->count && strcmp(p->names[0], l->zones[before]) == 0);
}

static void take_page(struct da_list *out, struct da_page *p, size_t *cap)
{
	if (out->count + p->count > *cap) {
		*cap = (out->count + p->count) * 2;
		out->zones = mem_resize(out->zones, *cap, sizeof(*out->zones));
	}
	if (p->count > 0)
		memcpy(out->zones + out->count, p->names, p->count * sizeof(*p->names));
	out->count += p->count;
	out->ignored += p->entries - p->count;
	p->count = 0; /* the list owns the names now */
}

/* Gets one page, and checks that it comes from the same server as the first. */
static int get_page(
    struct da *da, uint64_t number, struct da_page *page, char from[64], struct err *err)
{
	struct buf path = {0};
	struct err why;
	char *ip = NULL, now[64];
	long port = 0;
	*page = (struct da_page){0};
	buf_addf(&path, "/CMD_DNS_ADMIN?json=yes&page=%llu&ipp=%u", (unsigned long long)number,
	    da->conf->reconcile.ipp);
	int r = da_call(da, path.data, NULL, PAGE_MAX, err);
	buf_free(&path);
	if (r < 0)
		return -1;
	curl_easy_getinfo(da->curl, CURLINFO_PRIMARY_IP, &ip);
	curl_easy_getinfo(da->curl, CURLINFO_PRIMARY_PORT, &port);
	snprintf(now, sizeof(now), "%s %ld", ip == NULL ? "" : ip, port);
	if (number == 1)
		memcpy(from, now, sizeof(now));
	else if (strcmp(from, now) != 0)
		return da_fail(da, DA_GARBLED, err, "the zone list: pages from two servers");
	enum da_fault f = da_answer_page(&da->reply, number, da->conf->reconcile.ipp, page, &why);
	return f == DA_NONE
		   ? 0
		   : da_fail(da, f, err, "%s (page %llu)", why.text, (unsigned long long)number);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int sort(struct da *da, struct da_list *l, struct err *err)
{
	if (l->count > 0)
		qsort(l->zones, l->count, sizeof(*l->zones), by_name);
	for (size_t i = 0; i + 1 < l->count; i++) {
		if (strcmp(l->zones[i], l->zones[i + 1]) == 0)
			return da_fail(
			    da, DA_GARBLED, err, "the zone list: %s is listed twice", l->zones[i]);
	}
	return 0;
}

int da_list(struct da *da, struct da_list *out, struct err *err)
{
	struct da_pages all = {0};
	struct da_page page;
	struct err why;
	enum da_fault f;
	char from[64];
	size_t cap = 0, before = 0;
	int r = 0;
	*out = (struct da_list){0};
	do {
		r = get_page(da, all.count + 1, &page, from, err);
		if (r == 0 && (f = da_pages_add(&all, &page, &why)) != DA_NONE)
			r = da_fail(
			    da, f, err, "%s (page %llu)", why.text, (unsigned long long)all.count);
		if (r == 0 && repeats(out, &page, before))
			r = da_fail(da, DA_GARBLED, err,
			    "the zone list: %s is listed twice (page %llu)", page.names[0],
			    (unsigned long long)all.count);
		before = out->count;
		if (r == 0)
			take_page(out, &page, &cap);
		da_page_free(&page);
	} while (r == 0 && all.count < all.total);
	if (r == 0 && (f = da_pages_end(&all, &why)) != DA_NONE)
		r = da_fail(da, f, err, "%s", why.text);
	if (r == 0)
		r = sort(da, out, err);
	if (r < 0)
		da_list_free(out);
	return r;
}

void da_list_free(struct da_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->zones[i]);
	free(l->zones);
	*l = (struct da_list){0};
}

int da_check(struct da *da, struct buf *out, struct err *err)
{
	struct da_list list;
	char version[32] = "";
	if (da_list(da, &list, err) < 0)
		return -1;
	const char *v = strstr(da->reply.server, " v");
	if (v != NULL && isdigit((unsigned char)v[2]))
		err_word(v + 2, strcspn(v + 2, " \t"), version, sizeof(version));
	buf_addf(out, "DirectAdmin%s%s as %s (%s), %zu zones", version[0] == 0 ? "" : " ", version,
	    da->server->username, da->session ? "CMD_LOGIN" : "Basic", list.count);
	if (list.ignored > 0)
		buf_addf(out, ", %zu names that are no zone names", list.ignored);
	da_list_free(&list);
	return 0;
}
