#include "http.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mem.h"

#define CONNECTION_MEMORY (64 * 1024) /* request line and headers must fit */
/* A body that belongs to a refused request is read to its end up to this size: the client is then
 * sure to see the answer, and can go on.  Beyond, the answer is sent at once and the connection is
 * closed. */
#define SWALLOW (64 * 1024)

struct http {
	struct MHD_Daemon *daemon;
	struct api *api;
	struct conns *conns;
};

struct request {
	struct api_request api;
	struct api_answer answer;
	struct buf body;
	char *uri;
	int fd;
	bool started;
	bool refused; /* answer is there, before the body */
};

static int descriptor(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/* "http://host/path" is as good as "/path" (RFC 9112 section 3.2.2). */
static char *skip_authority(char *uri)
{
	char *scheme = strstr(uri, "://");
	if (uri[0] == '/' || scheme == NULL)
		return uri;
	return scheme + 3 + strcspn(scheme + 3, "/?");
}

static void *begin(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct http *h = cls;
	struct request *r = mem_alloc(sizeof(*r));
	r->fd = descriptor(connection);
	r->uri = mem_dup(uri);
	char *path = skip_authority(r->uri);
	char *mark = strchr(path, '?');
	if (mark != NULL)
		*mark++ = '\0';
	r->api.path = path;
	r->api.query = mark == NULL ? "" : mark;
	r->api.client = conns_client(h->conns, r->fd);
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
	free(r->uri);
	free(r);
	*context = NULL;
}

static void watch(void *cls, struct MHD_Connection *connection, void **context,
    enum MHD_ConnectionNotificationCode code)
{
	struct http *h = cls;
	(void)context;
	if (code == MHD_CONNECTION_NOTIFY_CLOSED)
		conns_remove(h->conns, descriptor(connection));
}

static enum MHD_Result reply(
    const struct http *h, struct MHD_Connection *connection, struct request *r)
{
	if (!conns_set(h->conns, r->fd, CONN_ANSWERING))
		return MHD_NO;
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    r->answer.body.len, r->answer.body.data, MHD_RESPMEM_MUST_COPY);
	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", "text/plain");
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

static enum MHD_Result start(
    struct http *h, struct MHD_Connection *connection, const char *method, struct request *r)
{
	const char *length = header(connection, "Content-Length");
	const char *expect = header(connection, "Expect");
	r->started = true;
	r->api.method = method;
	r->api.authorization = header(connection, "Authorization");
	r->api.agent = header(connection, "User-Agent");
	r->api.length = length == NULL ? 0 : strtoull(length, NULL, 10);
	if (!api_head(h->api, &r->api, &r->answer))
		return MHD_YES;
	r->refused = true;
	if (r->api.length > SWALLOW || header(connection, "Transfer-Encoding") != NULL ||
	    (expect != NULL && strcasecmp(expect, "100-continue") == 0))
		return reply(h, connection, r);
	return MHD_YES;
}

static enum MHD_Result take(struct http *h, struct request *r, const char *data, size_t *len)
{
	if (!r->refused && *len > h->api->conf->max_body - r->body.len) {
		/* libmicrohttpd takes no answer in the middle of a body, which need never end. */
		api_too_large(h->api, &r->api, &r->answer);
		if (conns_set(h->conns, r->fd, CONN_ANSWERING))
			conns_tell(r->fd, &r->answer);
		return MHD_NO;
	}
	if (!r->refused)
		buf_add(&r->body, data, *len);
	*len = 0;
	return MHD_YES;
}

/* Called with the headers, then with each part of the body, then once more. */
static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *len, void **context)
{
	struct http *h = cls;
	struct request *r = *context;
	(void)url;
	(void)version;
	if (!r->started)
		return start(h, connection, method, r);
	if (*len > 0)
		return take(h, r, data, len);
	if (!r->refused) {
		if (!conns_set(h->conns, r->fd, CONN_WORKING))
			return MHD_NO;
		r->api.body = buf_str(&r->body);
		r->api.body_len = r->body.len;
		api_call(h->api, &r->api, &r->answer);
	}
	return reply(h, connection, r);
}

int http_open(
    struct http **out, struct api *api, struct conns *conns, bool own_thread, struct err *err)
{
	struct http *h = mem_alloc(sizeof(*h));
	h->api = api;
	h->conns = conns;
	unsigned flags = MHD_USE_NO_LISTEN_SOCKET | MHD_USE_EPOLL;
	if (own_thread)
		flags |= MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC;
	h->daemon = MHD_start_daemon(flags, 0, NULL, NULL, handle, h, MHD_OPTION_CONNECTION_LIMIT,
	    api->conf->max_connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)CONNECTION_MEMORY, MHD_OPTION_URI_LOG_CALLBACK, begin, h,
	    MHD_OPTION_NOTIFY_COMPLETED, end, h, MHD_OPTION_NOTIFY_CONNECTION, watch, h,
	    MHD_OPTION_END);
	if (h->daemon == NULL) {
		free(h);
		return err_set(err, "libmicrohttpd does not start");
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
