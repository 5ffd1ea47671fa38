/* api: PowerDNS's HTTP API, several calls under way at once (libcurl). */
#include "api.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"

#define CONNECT_MS 5000L
#define POLL_MS 1000
#define ANSWER_MAX ((size_t)1 << 30)

struct slot { /* one series under way */
	CURL *easy;
	size_t series;
	bool busy;
	struct api_call call;
	struct buf out, in; /* what is sent and received */
	char words[CURL_ERROR_SIZE];
};

struct api {
	const struct api_options o;
	CURLM *multi;
	struct curl_slist *headers;
	struct slot slots[API_PARALLEL];
};

int api_open(struct api **out, const struct api_options *o, struct err *err)
{
	struct buf header = {0};
	struct api *a = mem_alloc(sizeof(*a));
	memcpy(a, &(struct api){.o = *o}, sizeof(*a));
	*out = a;
	if ((strncmp(o->url, "http://", 7) != 0 && strncmp(o->url, "https://", 8) != 0) ||
	    strpbrk(o->url, " \t\r\n?#@\"") != NULL)
		return err_set(err, "url must be http://HOST:PORT or https://HOST:PORT");
	/* The value of a header cannot begin or end with a blank. */
	for (const char *s = o->key; *s != '\0'; s++) {
		if (*s < ' ' || *s > '~' || (*s == ' ' && (s == o->key || s[1] == '\0')))
			return err_set(
			    err, "api_key must be printable ASCII, without blanks around it");
	}
	if (o->ca_file != NULL && access(o->ca_file, R_OK) < 0)
		return err_sys(err, "cannot read ca_file %s", o->ca_file);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	a->multi = curl_multi_init();
	buf_addf(&header, "X-API-Key: %s", o->key);
	a->headers = curl_slist_append(NULL, header.data);
	a->headers = curl_slist_append(a->headers, "Content-Type: application/json");
	a->headers = curl_slist_append(a->headers, "Expect:"); /* no waiting for a 100 */
	buf_free(&header);
	return 0;
}

void api_close(struct api *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < API_PARALLEL; i++) {
		if (a->slots[i].easy != NULL)
			curl_easy_cleanup(a->slots[i].easy);
		buf_free(&a->slots[i].out);
		buf_free(&a->slots[i].in);
		buf_free(&a->slots[i].call.path);
	}
	if (a->multi != NULL)
		curl_multi_cleanup(a->multi);
	curl_slist_free_all(a->headers);
	free(a);
}

static size_t receive(char *data, size_t size, size_t count, void *arg)
{
	struct buf *in = arg;
	if (in->len + size * count > ANSWER_MAX)
		return 0;
	buf_add(in, data, size * count);
	return size * count;
}

static void send_call(struct api *a, struct slot *s)
{
	struct buf url = {0};
	if (s->easy == NULL)
		s->easy = curl_easy_init();
	if (s->easy == NULL)
		_exit(EX_TEMPFAIL); /* no memory, as mem.h has it */
	curl_easy_reset(s->easy);
	buf_addf(&url, "%.*s/api/v1/servers/%s%s",
	    (int)(strlen(a->o.url) - (a->o.url[strlen(a->o.url) - 1] == '/')), a->o.url,
	    a->o.server_id, buf_str(&s->call.path));
	buf_free(&s->out);
	s->out = s->call.body;
	s->call.body = (struct buf){0};
	buf_reset(&s->in);
	curl_easy_setopt(s->easy, CURLOPT_URL, url.data); /* copied */
	curl_easy_setopt(s->easy, CURLOPT_CUSTOMREQUEST, s->call.method);
	curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, a->headers);
	if (s->out.len > 0) {
		curl_easy_setopt(s->easy, CURLOPT_POSTFIELDS, s->out.data);
		curl_easy_setopt(s->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->out.len);
	}
	curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, &s->in);
	curl_easy_setopt(s->easy, CURLOPT_ERRORBUFFER, s->words);
	curl_easy_setopt(s->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(s->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(s->easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, API_PATIENCE_S * 1000L);
	curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s);
	if (a->o.ca_file != NULL)
		curl_easy_setopt(s->easy, CURLOPT_CAINFO, a->o.ca_file);
	buf_free(&url);
	curl_multi_add_handle(a->multi, s->easy);
}

/* Makes the next call of the series, or begins another series when this one is over. */
static void advance(
    struct api *a, struct slot *s, size_t *next, size_t count, api_step *step, void *ctx)
{
	for (;;) {
		if (s->busy) {
			buf_reset(&s->call.path);
			if (step(ctx, s->series, &s->call)) {
				send_call(a, s);
				return;
			}
			s->busy = false;
		}
		if (*next >= count)
			return;
		s->series = (*next)++;
		s->call.status = 0;
		s->busy = true;
	}
}

/* Takes one complete answer. */
static int finish(struct api *a, struct slot *s, CURLcode code, struct err *err)
{
	curl_off_t connected = 0;
	curl_multi_remove_handle(a->multi, s->easy);
	curl_easy_getinfo(s->easy, CURLINFO_CONNECT_TIME_T, &connected);
	if (code == CURLE_OPERATION_TIMEDOUT && connected > 0) {
		s->call.status = API_TOO_SLOW;
		s->call.answer = (struct buf){0};
		return 0;
	}
	if (code != CURLE_OK)
		return err_set(err, "PowerDNS's API at %s: %s%s", a->o.url,
		    s->words[0] != '\0' ? s->words : curl_easy_strerror(code),
		    code == CURLE_COULDNT_CONNECT
			? "; start PowerDNS, with webserver=yes and api=yes"
			: "");
	curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &s->call.status);
	if (s->call.status == 401 || s->call.status == 403)
		return err_set(err, "PowerDNS's API at %s does not take the api_key (HTTP %ld)",
		    a->o.url, s->call.status);
	s->call.answer = s->in;
	return 0;
}

static bool any_busy(const struct api *a)
{
	bool busy = false;
	for (size_t i = 0; i < API_PARALLEL; i++)
		busy = busy || a->slots[i].busy;
	return busy;
}

static void cancel(struct api *a)
{
	for (size_t i = 0; i < API_PARALLEL; i++) {
		if (a->slots[i].busy)
			curl_multi_remove_handle(a->multi, a->slots[i].easy);
		a->slots[i].busy = false;
	}
}

int api_request(
    struct api *a, size_t parallel, size_t count, api_step *step, void *ctx, struct err *err)
{
	size_t next = 0;
	int running, left, r = 0;
	for (size_t i = 0; i < parallel; i++)
		advance(a, &a->slots[i], &next, count, step, ctx);
	while (r == 0 && any_busy(a)) {
		bool moved = false;
		curl_multi_perform(a->multi, &running);
		for (CURLMsg *m; r == 0 && (m = curl_multi_info_read(a->multi, &left)) != NULL;) {
			struct slot *s;
			if (m->msg != CURLMSG_DONE)
				continue;
			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&s);
			r = finish(a, s, m->data.result, err);
			if (r == 0)
				advance(a, s, &next, count, step, ctx);
			moved = true;
		}
		if (!moved)
			curl_multi_poll(a->multi, NULL, 0, POLL_MS, NULL);
	}
	cancel(a);
	return r;
}
