/* record: writes a request and its answer to a file, without secrets. */
#include "record.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/msg.h"
#include "base/url.h"

static bool is_secret(const char *name, size_t len)
{
	static const char *const words[] = {"pass", "secret", "token", "key"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t wlen = strlen(words[i]);
		for (size_t at = 0; at + wlen <= len; at++) {
			if (strncasecmp(name + at, words[i], wlen) == 0)
				return true;
		}
	}
	return false;
}

/* Looks at the decoded name: a client may encode it. */
static bool pair_is_secret(const char *pair, size_t len)
{
	struct url_form one;
	struct err err;
	if (url_parse(&one, pair, len, &err) < 0)
		return true;
	bool secret = one.count > 0 && is_secret(one.pairs[0].name, one.pairs[0].name_len);
	url_free(&one);
	return secret;
}

static void strike_form(const char *text, size_t len, struct buf *out)
{
	while (len > 0) {
		const char *end = memchr(text, '&', len);
		size_t part = end == NULL ? len : (size_t)(end - text);
		const char *equals = memchr(text, '=', part);
		if (equals != NULL && pair_is_secret(text, part)) {
			buf_add(out, text, (size_t)(equals - text) + 1);
			buf_addc(out, '*');
		} else {
			buf_add(out, text, part);
		}
		if (end != NULL)
			buf_addc(out, '&');
		part += end != NULL;
		text += part;
		len -= part;
	}
}

/* "POST http://user:password@host/path?passwd=x HTTP/1.1" */
static void strike_line(const char *line, size_t len, struct buf *out)
{
	const char *end = line + len;
	const char *scheme = memmem(line, len, "://", 3);
	const char *slash =
	    scheme == NULL ? NULL : memchr(scheme + 3, '/', (size_t)(end - scheme - 3));
	const char *at =
	    slash == NULL ? NULL : memrchr(scheme + 3, '@', (size_t)(slash - scheme - 3));
	if (at != NULL) {
		buf_add(out, line, (size_t)(scheme + 3 - line));
		buf_addc(out, '*');
		line = at;
	}
	const char *query = memchr(line, '?', (size_t)(end - line));
	const char *blank = query == NULL ? NULL : memrchr(line, ' ', (size_t)(end - line));
	if (query == NULL || blank == NULL || blank < query) {
		buf_add(out, line, (size_t)(end - line));
		return;
	}
	buf_add(out, line, (size_t)(query + 1 - line));
	strike_form(query + 1, (size_t)(blank - query - 1), out);
	buf_add(out, blank, (size_t)(end - blank));
}

static void strike_header(const char *line, size_t len, struct buf *out)
{
	static const char *const names[] = {
	    "Authorization:", "Proxy-Authorization:", "Cookie:", "X-API-Key:"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t nlen = strlen(names[i]);
		if (len < nlen || strncasecmp(line, names[i], nlen) != 0)
			continue;
		/* "Authorization: Basic *": the scheme is no secret. */
		const char *value = line + nlen + strspn(line + nlen, " ");
		const char *blank = memchr(value, ' ', (size_t)(line + len - value));
		buf_add(out, line, (size_t)((blank == NULL || i > 1 ? value : blank + 1) - line));
		buf_addc(out, '*');
		return;
	}
	buf_add(out, line, len);
}

static void strike_request(const struct buf *in, struct buf *out)
{
	const char *at = in->data, *end = in->data + in->len;
	for (bool first = true; at < end; first = false) {
		const char *eol = memmem(at, (size_t)(end - at), "\r\n", 2);
		size_t len = (size_t)((eol == NULL ? end : eol) - at);
		(first ? strike_line : strike_header)(at, len, out);
		buf_adds(out, "\r\n");
		at += len + 2;
	}
}

void record_write(const char *dir, const struct api_request *req, struct buf *request,
    const struct buf *body, const struct answer *answer)
{
	static atomic_uint serial;
	struct buf asked = {0}, told = {0}, all = {0};
	char path[4096], now[40];
	struct err err;
	strike_request(request, &asked);
	if (url_is_form(body->data == NULL ? "" : body->data, body->len))
		strike_form(body->data, body->len, &asked);
	else
		buf_add(&asked, body->data, body->len);
	answer_render(answer, "HTTP/1.1 ", false, strcmp(req->method, "HEAD") == 0, &told);
	clock_rfc3339(clock_wall_s(), now);
	buf_addf(&all, "ddo-record: 1\nreceived: %s\nclient: %s\nrequest: %zu\nanswer: %zu\n\n",
	    now, req->client, asked.len, told.len);
	buf_add(&all, asked.data, asked.len);
	buf_add(&all, told.data, told.len);
	snprintf(path, sizeof(path), "%s/%016lld-%d-%u.http", dir, (long long)clock_wall_us(),
	    (int)getpid(), atomic_fetch_add(&serial, 1));
	if (file_write_tmp(AT_FDCWD, path, 0600, all.data, all.len, &err) < 0)
		msg_error("cannot record a request: %s", err.text);
	buf_free(&asked);
	buf_free(&told);
	buf_free(&all);
}
