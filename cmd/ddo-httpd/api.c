#include "api.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/msg.h"
#include "base/url.h"

static const char dns_admin[] = "CMD_API_DNS_ADMIN";
static const char login_test[] = "CMD_API_LOGIN_TEST";
static const char user_exists[] = "CMD_API_USER_EXISTS";

int api_check(const struct conf *conf, struct err *err)
{
	if (conf->auth_username[0] == '\0')
		return err_set(err, "%s: app.auth_username: is empty", conf->file);
	if (conf->nlogins == 0)
		return err_set(err,
		    "%s: app.auth_password: no password is set, so nobody could log in; set it "
		    "there (plain, or a hash as `openssl passwd -6` prints), name a file in "
		    "app.auth_password_file, or set DADNS_APP_AUTH_PASSWORD",
		    conf->file);
	return 0;
}

int api_open(struct api *api, const struct conf *conf, struct err *err)
{
	*api = (struct api){.conf = conf};
	if (auth_open(&api->auth, conf, err) < 0)
		return -1;
	if (spool_open(&api->spool, conf->spool_dir, true, err) < 0) {
		auth_close(api->auth);
		return -1;
	}
	if (shared_open(&api->shared, conf->spool_dir, err) < 0)
		msg_warn("failed logins and pushes are not counted: %s", err->text);
	return 0;
}

void api_close(struct api *api)
{
	shared_close(api->shared);
	spool_close(api->spool);
	auth_close(api->auth);
}

static const char *reason(unsigned status)
{
	switch (status) {
	case 200:
		return "OK";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 408:
		return "Request Timeout";
	case 411:
		return "Length Required";
	case 413:
		return "Content Too Large";
	case 414:
		return "URI Too Long";
	case 429:
		return "Too Many Requests";
	case 431:
		return "Request Header Fields Too Large";
	case 503:
		return "Service Unavailable";
	default:
		return "Bad Request";
	}
}

void api_render(
    const struct api_answer *a, const char *prefix, bool close, bool head, struct buf *out)
{
	buf_addf(out, "%s%u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n", prefix, a->status,
	    reason(a->status), a->type == NULL ? "text/plain" : a->type, a->body.len);
	if (a->header != NULL)
		buf_addf(out, "%s: %s\r\n", a->header, a->value);
	buf_adds(out, close ? "Connection: close\r\n\r\n" : "\r\n");
	if (!head)
		buf_add(out, a->body.data, a->body.len);
}

void api_ok(struct api_answer *out, const char *body)
{
	*out = (struct api_answer){.status = 200};
	buf_adds(&out->body, body);
}

void api_fail(struct api_answer *out, unsigned status, const char *text, const char *details)
{
	*out = (struct api_answer){.status = status};
	if (status == 401) {
		out->header = "WWW-Authenticate";
		out->value = "Basic realm=\"ddo\"";
	} else if (status == 405) {
		out->header = "Allow";
		out->value = "GET, HEAD, POST";
	} else if (status == 503) {
		out->header = "Retry-After";
		out->value = "30";
	}
	buf_adds(&out->body, "error=1&text=");
	url_encode(&out->body, text);
	buf_adds(&out->body, "&details=");
	url_encode(&out->body, details);
}

bool api_is_path(const char *path, const char *name)
{
	size_t len = strlen(name);
	path += strspn(path, "/");
	return strncmp(path, name, len) == 0 && path[len + strspn(path + len, "/")] == '\0';
}

static const char *shown(const struct api_request *req)
{
	return req->client[0] == '\0' ? "-" : req->client;
}

static bool is_known(const char *path)
{
	static const char *const paths[] = {
	    dns_admin, login_test, user_exists, "status", "metrics"};
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (api_is_path(path, paths[i]))
			return true;
	}
	return false;
}

static void refuse_head(const struct api_request *req, struct api_answer *out, unsigned status,
    const char *text, const char *details)
{
	msg_warn("refused a request from %s: %s", shown(req), details);
	api_fail(out, status, text, details);
}

bool api_head(struct api *api, struct api_request *req, struct api_answer *out)
{
	const struct conf *conf = api->conf;
	char details[96];
	req->wait = false;
	if (req->unclear_length) {
		refuse_head(req, out, 400, "Invalid request",
		    "the length of the body is said twice, or only by the end of the connection");
	} else if (req->line_bytes > conf->max_request_line) {
		snprintf(details, sizeof(details),
		    "the request line is longer than app.max_request_line, %zu",
		    conf->max_request_line);
		refuse_head(req, out, 414, "Too large", details);
	} else if (req->header_bytes > conf->max_header_bytes) {
		snprintf(details, sizeof(details),
		    "the headers are larger than app.max_header_bytes, %zu",
		    conf->max_header_bytes);
		refuse_head(req, out, 431, "Too large", details);
	} else if (api_report(api, req, true, out)) {
		return true;
	} else if (!api_log_in(api, req, out)) {
		return true;
	} else if (!is_known(req->path)) {
		api_fail(out, 404, "Not found", "there is no such command here");
	} else if (strcmp(req->method, "GET") != 0 && strcmp(req->method, "HEAD") != 0 &&
		   strcmp(req->method, "POST") != 0) {
		api_fail(out, 405, "Method not allowed", "use GET or POST");
	} else if (req->length > conf->max_body) {
		api_too_large(api, req, out);
	} else {
		return false;
	}
	return true;
}

void api_too_large(struct api *api, const struct api_request *req, struct api_answer *out)
{
	char details[96];
	snprintf(details, sizeof(details), "the body is larger than app.max_body_bytes, %zu",
	    api->conf->max_body);
	msg_warn("refused a body larger than %zu bytes from %s", api->conf->max_body, shown(req));
	api_fail(out, 413, "Too large", details);
	if (api_is_path(req->path, dns_admin) && req->as != NULL)
		api_dns_admin_too_large(api, req, details);
}

int api_room(struct api *api, uint64_t jobs, uint64_t bytes, struct err *err)
{
	const struct conf *conf = api->conf;
	struct statvfs fs;
	if (conf->disk_reserve > 0 && statvfs(conf->spool_dir, &fs) == 0) {
		uint64_t free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
		if (free_bytes < conf->disk_reserve + bytes)
			return err_set(err, "%s has %llu bytes free, app.disk_reserve_bytes is %zu",
			    conf->spool_dir, (unsigned long long)free_bytes, conf->disk_reserve);
	}
	return shared_take_place(api->shared, api->spool, jobs, conf->max_queue, err);
}

void api_call(struct api *api, const struct api_request *req, struct api_answer *out)
{
	if (api_report(api, req, false, out))
		return;
	if (api_is_path(req->path, login_test))
		api_ok(out, "error=0&text=Login+OK");
	else if (api_is_path(req->path, user_exists))
		api_ok(out, "error=0&exists=0"); /* only DNS here: no user ever exists */
	else
		api_dns_admin(api, req, out);
}
