/* routes: the table of paths, and the order in which a request is checked. */
#include "routes.h"

#include <stdio.h>
#include <string.h>

#include "base/msg.h"
#include "client.h"
#include "dns_admin.h"
#include "login.h"
#include "report.h"

struct route {
	const char *path;
	const char *methods; /* as Allow has them; NULL: any */
	bool login;
	void (*answer)(struct api *api, const struct api_request *req, struct answer *out);
	/* The body is too large to be read; may be NULL. */
	void (*too_large)(struct api *api, const struct api_request *req, const char *why);
};

static void login_test(struct api *api, const struct api_request *req, struct answer *out)
{
	(void)api, (void)req;
	answer_ok(out, "error=0&text=Login+OK");
}

/* ddo serves DNS only: no user exists here. */
static void user_exists(struct api *api, const struct api_request *req, struct answer *out)
{
	(void)api, (void)req;
	answer_ok(out, "error=0&exists=0");
}

static const struct route routes[] = {
    {"CMD_API_DNS_ADMIN", ANSWER_METHODS, true, dns_admin, dns_admin_too_large},
    {"CMD_API_LOGIN_TEST", ANSWER_METHODS, true, login_test, NULL},
    {"CMD_API_USER_EXISTS", ANSWER_METHODS, true, user_exists, NULL},
    {"status", ANSWER_METHODS, true, report_status, NULL},
    {"metrics", ANSWER_METHODS, true, report_metrics, NULL},
    {"health", NULL, false, report_health, NULL},
};

/* Slashes around the path do not count. */
static bool is_path(const char *path, const char *name)
{
	size_t len = strlen(name);
	path += strspn(path, "/");
	return strncmp(path, name, len) == 0 && path[len + strspn(path + len, "/")] == '\0';
}

static const struct route *find(const char *path)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (is_path(path, routes[i].path))
			return &routes[i];
	}
	return NULL;
}

/* Is `method` one of the words of `methods`? */
static bool takes(const char *methods, const char *method)
{
	size_t len = strlen(method);
	for (const char *p = methods; p != NULL; p = strchr(p, ',')) {
		p += strspn(p, ", ");
		if (len > 0 && strcspn(p, ",") == len && strncmp(p, method, len) == 0)
			return true;
	}
	return methods == NULL;
}

static void refuse(const struct api_request *req, struct answer *out, unsigned status,
    const char *text, const char *details)
{
	msg_warn("refused a request from %s: %s", client_shown(req->client), details);
	answer_fail(out, status, text, details);
}

/* False: the head breaks a limit, `out` is the answer. */
static bool head_fits(const struct conf *conf, const struct api_request *req, struct answer *out)
{
	char details[96];
	if (req->unclear_length) {
		refuse(req, out, 400, "Invalid request",
		    "the length of the body is given twice, or only by the end of the connection");
		return false;
	}
	if (req->line_bytes > conf->max_request_line) {
		snprintf(details, sizeof(details),
		    "the request line is longer than app.max_request_line (%zu)",
		    conf->max_request_line);
		refuse(req, out, 414, "Too large", details);
		return false;
	}
	if (req->header_bytes > conf->max_header_bytes) {
		snprintf(details, sizeof(details),
		    "the headers are larger than app.max_header_bytes (%zu)",
		    conf->max_header_bytes);
		refuse(req, out, 431, "Too large", details);
		return false;
	}
	return true;
}

bool routes_head(struct api *api, struct api_request *req, struct answer *out)
{
	const struct route *route = find(req->path);
	req->wait = false;
	if (!head_fits(api->conf, req, out))
		return true;
	if (route != NULL && !route->login) {
		route->answer(api, req, out);
		return true;
	}
	if (!login_check(api, req, out))
		return true;
	if (route == NULL) { /* only now: a stranger learns no path */
		answer_fail(out, 404, "Not found", "this path is unknown here");
	} else if (!takes(route->methods, req->method)) {
		answer_fail(out, 405, "Method not allowed", "use GET or POST");
		out->value = route->methods;
	} else if (req->length > api->conf->max_body) {
		routes_too_large(api, req, out);
	} else {
		return false;
	}
	return true;
}

void routes_too_large(struct api *api, const struct api_request *req, struct answer *out)
{
	const struct route *route = find(req->path);
	char details[96];
	snprintf(details, sizeof(details), "the body is larger than app.max_body_bytes (%zu)",
	    api->conf->max_body);
	msg_warn("refused a body larger than %zu bytes from %s", api->conf->max_body,
	    client_shown(req->client));
	answer_fail(out, 413, "Too large", details);
	if (route != NULL && route->too_large != NULL && req->as != NULL)
		route->too_large(api, req, details);
}

void routes_call(struct api *api, const struct api_request *req, struct answer *out)
{
	find(req->path)->answer(api, req, out); /* routes_head() has seen that there is one */
}
