#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "modes.h"

static const char *variable(const char *name)
{
	const char *value = getenv(name);
	return value == NULL ? "" : value;
}

/* Exactly `want` bytes.  -1: fewer came, or not in time. */
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

static void answer(struct api *api, struct api_request *req, struct buf *body, struct api_answer *a)
{
	const char *length = variable("CONTENT_LENGTH");
	char *rest = NULL;
	errno = 0;
	req->length = length[0] == '\0' ? 0 : strtoull(length, &rest, 10);
	if (api_head(api, req, a))
		return;
	if ((rest != NULL && *rest != '\0') || errno != 0 || length[0] == '-') {
		api_fail(a, 400, "Invalid request", "CONTENT_LENGTH is no number");
	} else if (length[0] == '\0' && variable("HTTP_TRANSFER_ENCODING")[0] != '\0') {
		/* Without a length a body that was cut off looks like a whole one. */
		api_fail(a, 411, "Length required", "the web server passed on no CONTENT_LENGTH");
	} else if (read_body(body, req->length, api->conf->request_timeout_s) < 0) {
		api_fail(a, 408, "Timeout", "the body did not come, or not all of it");
	} else {
		req->body = buf_str(body);
		req->body_len = body->len;
		api_call(api, req, a);
	}
}

/* Anything but an address stays out of jobs and logs. */
static const char *client(void)
{
	const char *value = variable("REMOTE_ADDR");
	unsigned char parsed[16];
	bool good =
	    inet_pton(AF_INET, value, parsed) == 1 || inet_pton(AF_INET6, value, parsed) == 1;
	return good ? value : "";
}

void cgi_serve(struct api *api)
{
	const char *path = variable("PATH_INFO"), *script = strrchr(variable("SCRIPT_NAME"), '/');
	if (path[0] == '\0')
		path = script == NULL ? "" : script;
	const char *auth = getenv("HTTP_AUTHORIZATION");
	struct api_request req = {
	    .method = variable("REQUEST_METHOD"),
	    .path = path,
	    .query = variable("QUERY_STRING"),
	    /* as it is called behind Apache's internal redirects */
	    .authorization = auth == NULL ? getenv("REDIRECT_HTTP_AUTHORIZATION") : auth,
	    .agent = getenv("HTTP_USER_AGENT"),
	    .client = client(),
	};
	struct buf body = {0}, out = {0};
	struct api_answer a;
	if (api == NULL)
		api_fail(&a, 503, "Not accepted", "ddo cannot work, its log says why");
	else
		answer(api, &req, &body, &a);
	api_render(&a, "Status: ", false, strcmp(req.method, "HEAD") == 0, &out);
	/* The change is durable, or was refused; who does not wait for the answer asks again. */
	(void)!file_write_all(STDOUT_FILENO, out.data, out.len);
	buf_free(&out);
	buf_free(&body);
	buf_free(&a.body);
}
