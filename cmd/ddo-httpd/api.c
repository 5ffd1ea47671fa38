#include "api.h"

#include <stdio.h>
#include <string.h>

#include "msg.h"
#include "url.h"

static const char dns_admin[] = "CMD_API_DNS_ADMIN";
static const char login_test[] = "CMD_API_LOGIN_TEST";
static const char user_exists[] = "CMD_API_USER_EXISTS";

int api_check(const struct conf *conf, struct err *err)
{
	if (conf->auth_username[0] == '\0')
		return err_set(err, "%s: app.auth_username: is empty", conf->file);
	if (conf->auth_password == NULL || conf->auth_password[0] == '\0')
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
	if (auth_open(&api->auth, conf->auth_username, conf->auth_password, err) < 0)
		return -1;
	if (spool_open(&api->spool, conf->spool_dir, true, err) == 0)
		return 0;
	auth_close(api->auth);
	return -1;
}

void api_close(struct api *api)
{
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
	case 503:
		return "Service Unavailable";
	default:
		return "Bad Request";
	}
}

void api_render(
    const struct api_answer *a, const char *prefix, bool close, bool head, struct buf *out)
{
	buf_addf(out, "%s%u %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n", prefix,
	    a->status, reason(a->status), a->body.len);
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

static bool is_path(const char *path, const char *name)
{
	size_t len = strlen(name);
	path += strspn(path, "/");
	return strncmp(path, name, len) == 0 && path[len + strspn(path + len, "/")] == '\0';
}

bool api_head(struct api *api, struct api_request *req, struct api_answer *out)
{
	if (auth_check(api->auth, req->authorization, req->login) < 0) {
		msg_warn("authentication failed for %s from %s", req->login,
		    req->client[0] == '\0' ? "-" : req->client);
		api_fail(out, 401, "Authentication failed",
		    req->authorization == NULL ? "no credentials" : "wrong user name or password");
	} else if (!is_path(req->path, dns_admin) && !is_path(req->path, login_test) &&
		   !is_path(req->path, user_exists)) {
		api_fail(out, 404, "Not found", "there is no such command here");
	} else if (strcmp(req->method, "GET") != 0 && strcmp(req->method, "HEAD") != 0 &&
		   strcmp(req->method, "POST") != 0) {
		api_fail(out, 405, "Method not allowed", "use GET or POST");
	} else if (req->length > api->conf->max_body) {
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
	msg_warn("refused a body larger than %zu bytes from %s", api->conf->max_body,
	    req->client[0] == '\0' ? "-" : req->client);
	api_fail(out, 413, "Too large", details);
}

void api_call(struct api *api, const struct api_request *req, struct api_answer *out)
{
	if (is_path(req->path, login_test))
		api_ok(out, "error=0&text=Login+OK");
	else if (is_path(req->path, user_exists))
		api_ok(out, "error=0&exists=0"); /* only DNS here: no user ever exists */
	else
		api_dns_admin(api, req, out);
}
