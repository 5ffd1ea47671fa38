/* http: libmicrohttpd between a socket and the routes. */
#include "http.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "client.h"
#include "record.h"
#include "routes.h"
#include "tls.h"

/* libmicrohttpd needs memory for a connection beyond the request line and the headers: its own
 * notes (40 octets a header) and room to read on. */
#define CONNECTION_MEMORY (32 * 1024)
#define VERSION_BYTES 9 /* " HTTP/1.1" */
/* After a refusal http reads a body of up to this size to its end: the client is then sure to see
 * the answer and can go on.  For a larger body it answers at once and closes the connection. */
#define SWALLOW (64 * 1024)
#define LINGER (1024 * 1024)

struct http {
	struct MHD_Daemon *daemon;
	struct api *api;
	struct conns *conns;
	struct http_mode mode;
};

struct request {
	struct http *http;
	struct api_request api;
	struct answer answer;
	struct buf body;
	struct buf forwarded; /* all X-Forwarded-For lines */
	struct buf headers;   /* as they came; only for a record */
	char client[CLIENT_SIZE];
	unsigned lengths; /* how many headers give a length of the body */
	char *uri;
	size_t uri_bytes;
	int fd;
	gnutls_session_t tls;
	bool started;
	bool admitted; /* routes_head() has decided */
	bool answered; /* `answer` is final; the rest of the body is dropped */
	bool told;     /* answered past libmicrohttpd: nothing may follow */
	bool recorded;
	size_t lingered; /* bytes dropped since then */
};

static int descriptor(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/* "http://host/path" means "/path" (RFC 9112 section 3.2.2). */
static char *skip_authority(char *uri)
{
	char *scheme = strstr(uri, "://");
	if (uri[0] == '/' || scheme == NULL)
		return uri;
	return scheme + 3 + strcspn(scheme + 3, "/?");
}

static gnutls_session_t session_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION)->tls_session;
}

static void *begin(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct http *h = cls;
	struct request *r = mem_alloc(sizeof(*r));
	r->http = h;
	r->fd = descriptor(connection);
	r->uri = mem_dup(uri);
	r->uri_bytes = strlen(uri);
	if (h->mode.tls) {
		r->tls = session_of(connection);
		conns_set_tls(h->conns, r->fd, r->tls);
	}
	char *path = skip_authority(r->uri);
	char *question = strchr(path, '?');
	if (question != NULL)
		*question++ = '\0';
	r->api.path = path;
	r->api.query = question == NULL ? "" : question;
	conns_set(h->conns, r->fd, CONN_READING);
	return r;
}

static void end(void *cls, struct MHD_Connection *connection, void **context,
    enum MHD_RequestTerminationCode code)
{
	struct http *h = cls;
	struct request *r = *context;
	(void)connection;
	(void)code;
	if (r == NULL)
		return;
	conns_set(h->conns, r->fd, CONN_IDLE);
	buf_free(&r->answer.body);
	buf_free(&r->body);
	buf_free(&r->forwarded);
	buf_free(&r->headers);
	free(r->uri);
	free(r);
	*context = NULL;
}

static void watch(void *cls, struct MHD_Connection *connection, void **context,
    enum MHD_ConnectionNotificationCode code)
{
	struct http *h = cls;
	(void)context;
	if (code == MHD_CONNECTION_NOTIFY_STARTED && h->mode.tls)
		tls_started(session_of(connection));
	if (code == MHD_CONNECTION_NOTIFY_CLOSED)
		conns_remove(h->conns, descriptor(connection));
}

static void resume(void *connection)
{
	MHD_resume_connection(connection);
}

static void record(struct request *r, const char *version)
{
	struct buf request = {0};
	buf_addf(&request, "%s %s%s%s %s\r\n", r->api.method, r->uri,
	    r->api.query[0] == '\0' ? "" : "?", r->api.query, version);
	buf_add(&request, r->headers.data, r->headers.len);
	buf_adds(&request, "\r\n");
	record_write(r->http->mode.record_dir, &r->api, &request, &r->body, &r->answer);
	buf_free(&request);
}

static enum MHD_Result reply(
    struct http *h, struct MHD_Connection *connection, const char *version, struct request *r)
{
	if (h->mode.record_dir != NULL && !r->recorded)
		record(r, version);
	r->recorded = true;
	if (r->answer.delay_ms > 0) {
		unsigned ms = r->answer.delay_ms;
		r->answer.delay_ms = 0;
		MHD_suspend_connection(connection);
		if (!conns_delay(h->conns, r->fd, ms, resume, connection))
			MHD_resume_connection(connection);
		return MHD_YES; /* libmicrohttpd calls handle() again */
	}
	if (!conns_set(h->conns, r->fd, CONN_ANSWERING))
		return MHD_NO;
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    r->answer.body.len, r->answer.body.data, MHD_RESPMEM_MUST_COPY);
	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(
	    response, "Content-Type", r->answer.type == NULL ? "text/plain" : r->answer.type);
	if (r->answer.header != NULL)
		MHD_add_response_header(response, r->answer.header, r->answer.value);
	if (conns_stopping(h->conns))
		MHD_add_response_header(response, "Connection", "close");
	enum MHD_Result result = MHD_queue_response(connection, r->answer.status, response);
	MHD_destroy_response(response);
	return result;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result see_header(
    void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct request *r = cls;
	(void)kind;
	if (value == NULL)
		value = "";
	r->api.header_bytes += strlen(name) + strlen(value) + 4; /* ": " and the line's end */
	if (strcasecmp(name, "Content-Length") == 0 || strcasecmp(name, "Transfer-Encoding") == 0)
		r->lengths++;
	if (strcasecmp(name, "X-Forwarded-For") == 0)
		buf_addf(&r->forwarded, "%s%s", r->forwarded.len > 0 ? "," : "", value);
	if (r->http->mode.record_dir != NULL)
		buf_addf(&r->headers, "%s: %s\r\n", name, value);
	return MHD_YES;
}

/* With two lengths a proxy may have believed the other one; a body that ends with the connection
 * may be cut.  Neither is safe to act on (RFC 9112 section 6.3). */
static bool has_clear_length(const struct request *r, const char *coding)
{
	return r->lengths <= 1 && (coding == NULL || strcasecmp(coding, "chunked") == 0);
}

static void start(
    struct http *h, struct MHD_Connection *connection, const char *method, struct request *r)
{
	const char *length = header(connection, "Content-Length");
	const char *coding = header(connection, "Transfer-Encoding");
	r->started = true;
	MHD_get_connection_values(connection, MHD_HEADER_KIND, see_header, r);
	client_find(h->api->conf, conns_client(h->conns, r->fd), r->forwarded.data, r->client);
	r->api.client = r->client;
	r->api.line_bytes = strlen(method) + 1 + r->uri_bytes + VERSION_BYTES;
	r->api.method = method;
	r->api.authorization = header(connection, "Authorization");
	r->api.agent = header(connection, "User-Agent");
	r->api.length = length == NULL ? 0 : strtoull(length, NULL, 10);
	r->api.unclear_length = !has_clear_length(r, coding);
	r->api.behind = conns_others_wait(h->conns, r->client);
}

/* Called again after each wait for a turn. */
static enum MHD_Result admit(
    struct http *h, struct MHD_Connection *connection, const char *version, struct request *r)
{
	const char *expect = header(connection, "Expect");
	const char *coding = header(connection, "Transfer-Encoding");
	if (!conns_set(h->conns, r->fd, CONN_READING))
		return MHD_NO;
	r->api.hurry = conns_stopping(h->conns);
	bool refused = routes_head(h->api, &r->api, &r->answer);
	if (r->api.wait) {
		struct conns_turn turn = {.since = r->api.waits_since};
		snprintf(turn.whose, sizeof(turn.whose), "%s", r->client);
		r->api.behind = false;
		MHD_suspend_connection(connection);
		if (!conns_wait(h->conns, r->fd, &turn, resume, connection))
			MHD_resume_connection(connection);
		return MHD_YES; /* libmicrohttpd calls handle() again */
	}
	r->admitted = true;
	r->answered = refused;
	if (!refused) {
		conns_welcome(h->conns, r->fd);
		return MHD_YES;
	}
	if (r->api.unclear_length || r->api.length > SWALLOW || coding != NULL ||
	    (expect != NULL && strcasecmp(expect, "100-continue") == 0))
		return reply(h, connection, version, r);
	return MHD_YES;
}

static enum MHD_Result take(struct http *h, struct request *r, const char *data, size_t *len)
{
	if (!r->answered && *len > h->api->conf->max_body - r->body.len) {
		/* libmicrohttpd takes no answer inside a body, and the body need never end. */
		routes_too_large(h->api, &r->api, &r->answer);
		if (!conns_set(h->conns, r->fd, CONN_ANSWERING))
			return MHD_NO;
		conns_tell(r->fd, r->tls, &r->answer);
		r->answered = r->told = true;
	}
	if (!r->answered)
		buf_add(&r->body, data, *len);
	/* Closing with unread data makes the client's kernel drop the answer: read on a bit. */
	if (r->told && (r->lingered += *len) > LINGER)
		return MHD_NO;
	*len = 0;
	return MHD_YES;
}

/* libmicrohttpd calls it with the headers, then with each part of the body, then once more. */
static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *len, void **context)
{
	struct http *h = cls;
	struct request *r = *context;
	(void)url;
	if (!r->started)
		start(h, connection, method, r);
	if (!r->admitted)
		return admit(h, connection, version, r);
	if (*len > 0)
		return take(h, r, data, len);
	if (!r->answered) {
		if (!conns_set(h->conns, r->fd, CONN_BUSY))
			return MHD_NO;
		r->answered = true;
		r->api.body = buf_str(&r->body);
		r->api.body_len = r->body.len;
		routes_call(h->api, &r->api, &r->answer);
	}
	if (r->told)
		return MHD_NO;
	return reply(h, connection, version, r);
}

int http_open(struct http **out, struct api *api, struct conns *conns, const struct http_mode *mode,
    struct err *err)
{
	struct http *h = mem_alloc(sizeof(*h));
	h->api = api;
	h->conns = conns;
	h->mode = *mode;
	unsigned flags = MHD_USE_NO_LISTEN_SOCKET | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
	if (mode->own_thread)
		flags |= MHD_USE_INTERNAL_POLLING_THREAD;
	if (mode->tls)
		flags |= MHD_USE_TLS;
	const struct MHD_OptionItem tls[] = {
	    {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(intptr_t)tls_certificate},
	    {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(intptr_t)TLS_PRIORITIES},
	    {MHD_OPTION_END, 0, NULL}};
	size_t memory =
	    api->conf->max_request_line + api->conf->max_header_bytes + CONNECTION_MEMORY;
	h->daemon = MHD_start_daemon(flags, 0, NULL, NULL, handle, h, MHD_OPTION_CONNECTION_LIMIT,
	    api->conf->max_connections + CONNS_GIVING_WAY, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    memory, MHD_OPTION_URI_LOG_CALLBACK, begin, h, MHD_OPTION_NOTIFY_COMPLETED, end, h,
	    MHD_OPTION_NOTIFY_CONNECTION, watch, h, MHD_OPTION_ARRAY, mode->tls ? tls : &tls[2],
	    MHD_OPTION_END);
	if (h->daemon == NULL) {
		free(h);
		return err_set(err, "cannot start libmicrohttpd");
	}
	*out = h;
	return 0;
}

void http_close(struct http *h)
{
	MHD_stop_daemon(h->daemon);
	free(h);
}

void http_add(struct http *h, int fd, const struct sockaddr *addr, socklen_t len)
{
	if (MHD_add_connection(h->daemon, fd, addr, len) != MHD_YES)
		conns_remove(h->conns, fd);
}

void http_wait(struct http *h, int ms)
{
	MHD_run_wait(h->daemon, ms);
}
