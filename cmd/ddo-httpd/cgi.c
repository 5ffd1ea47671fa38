/* cgi: one request, as a CGI program. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/msg.h"
#include "client.h"
#include "login.h"
#include "modes.h"
#include "routes.h"

#define SWALLOW (64 * 1024) /* bytes of an unwanted body to read */
#define SWALLOW_S 2

static const char *variable(const char *name)
{
	const char *value = getenv(name);
	return value == NULL ? "" : value;
}

/* Reads `want` bytes.  -1: fewer came, or they came too late. */
static int read_body(struct buf *body, size_t want, unsigned timeout_s)
{
	int64_t until = clock_mono_ms() + (int64_t)timeout_s * 1000;
	while (body->len < want) {
		struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
		int64_t left = until - clock_mono_ms();
		if (left <= 0)
			return -1;
		int r = poll(&p, 1, (int)left);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return -1;
		size_t part = want - body->len < 65536 ? want - body->len : 65536;
		buf_reserve(body, part);
		ssize_t n = read(STDIN_FILENO, body->data + body->len, part);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return -1;
		body->len += (size_t)n;
		body->data[body->len] = '\0';
	}
	return 0;
}

/* Some web servers drop the answer of a program that did not read the body. */
static void swallow(uint64_t length, bool has_length)
{
	struct buf body = {0};
	read_body(&body, has_length && length < SWALLOW ? (size_t)length : SWALLOW, SWALLOW_S);
	buf_free(&body);
}

static void answer(struct api *api, struct api_request *req, struct buf *body, struct answer *a)
{
	const char *length = variable("CONTENT_LENGTH");
	char *rest = NULL;
	bool answered;
	errno = 0;
	req->length = length[0] == '\0' ? 0 : strtoull(length, &rest, 10);
	bool number = errno == 0 && length[0] != '-' && (rest == NULL || *rest == '\0');
	while ((answered = routes_head(api, req, a)) && req->wait)
		clock_sleep_ms(LOGIN_WAIT_MS);
	if (answered) {
		swallow(req->length, length[0] != '\0');
		return;
	}
	if (!number) {
		answer_fail(a, 400, "Invalid request", "CONTENT_LENGTH is not a number");
	} else if (length[0] == '\0' && variable("HTTP_TRANSFER_ENCODING")[0] != '\0') {
		/* Without a length a body that was cut looks whole. */
		answer_fail(
		    a, 411, "Length required", "the web server did not pass on CONTENT_LENGTH");
		swallow(0, false);
	} else if (read_body(body, req->length, api->conf->request_timeout_s) < 0) {
		answer_fail(a, 408, "Timeout", "the body did not arrive completely in time");
	} else {
		req->body = buf_str(body);
		req->body_len = body->len;
		routes_call(api, req, a);
	}
}

/* Only an address gets into jobs and logs. */
static void find_client(const struct api *api, char out[CLIENT_SIZE])
{
	char peer[CLIENT_SIZE];
	out[0] = '\0';
	if (api != NULL && client_parse(variable("REMOTE_ADDR"), peer))
		client_find(api->conf, peer, getenv("HTTP_X_FORWARDED_FOR"), out);
}

/* With `api` NULL it answers 503: ddo-httpd cannot serve. */
static void serve(struct api *api)
{
	const char *path = variable("PATH_INFO"), *script = strrchr(variable("SCRIPT_NAME"), '/');
	if (path[0] == '\0')
		path = script == NULL ? "" : script;
	const char *auth = getenv("HTTP_AUTHORIZATION");
	char client[CLIENT_SIZE];
	find_client(api, client);
	struct api_request req = {
	    .method = variable("REQUEST_METHOD"),
	    .path = path,
	    .query = variable("QUERY_STRING"),
	    /* its name behind Apache's internal redirects */
	    .authorization = auth == NULL ? getenv("REDIRECT_HTTP_AUTHORIZATION") : auth,
	    .agent = getenv("HTTP_USER_AGENT"),
	    .client = client,
	    .line_bytes = strlen(path) + strlen(variable("QUERY_STRING")),
	};
	struct buf body = {0}, out = {0};
	struct answer a;
	if (api == NULL)
		answer_fail(&a, 503, "Not accepted", "ddo cannot accept requests; see its log");
	else
		answer(api, &req, &body, &a);
	if (a.delay_ms > 0)
		clock_sleep_ms((int)a.delay_ms);
	answer_render(&a, "Status: ", false, strcmp(req.method, "HEAD") == 0, &out);
	/* The change is durable or refused by now; a client that misses the answer asks again. */
	(void)!file_write_all(STDOUT_FILENO, out.data, out.len);
	buf_free(&out);
	buf_free(&body);
	buf_free(&a.body);
}

/* The client's query makes a CGI program's arguments (RFC 3875 section 4.4), so ignore them. */
int cgi_run(void)
{
	struct conf *conf;
	struct api api;
	struct err err;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, SIG_IGN); /* one request, and it is short */
	signal(SIGINT, SIG_IGN);
	/* What a web server reads from descriptor 2 it logs as an error, whatever it says. */
	if (access("/dev/log", W_OK) == 0)
		msg_to_syslog();
	if (conf_load(&conf, NULL, &err) < 0 || api_check(conf, &err) < 0) {
		serve(NULL);
		die_config("%s", err.text);
	}
	msg_set_level_name(conf->log_level);
	msg_set_format_name(conf->log_format);
	if (api_open(&api, conf, &err) < 0) {
		serve(NULL);
		die_temp("%s", err.text);
	}
	if (confine(&api, NULL, &err) < 0) {
		serve(NULL);
		die_system("%s", err.text);
	}
	serve(&api);
	api_close(&api);
	conf_free(conf);
	return 0;
}
