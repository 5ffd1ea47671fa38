/* answer: finds failures in a reply, and recognises a zone and a JSON object. */
#include "da/answer.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/url.h"

#define QUOTED 160     /* octets of an answer that a reason quotes, at most */
#define SEARCHED 65536 /* octets of a page that are searched for signs of failure */

static enum da_fault fault(enum da_fault f, struct err *why, const char *reason)
{
	err_set(why, "%s", reason);
	return f;
}

/* Ignores case; the text may hold NULs. */
static bool holds(const char *text, size_t len, const char *what)
{
	size_t n = strlen(what);
	if (len > SEARCHED)
		len = SEARCHED;
	for (size_t i = 0; n <= len && i <= len - n; i++) {
		if (strncasecmp(text + i, what, n) == 0)
			return true;
	}
	return false;
}

static bool begins(const char *text, size_t len, const char *what)
{
	return len >= strlen(what) && strncasecmp(text, what, strlen(what)) == 0;
}

/* The body without a byte order mark and blanks at its start. */
static const char *inner(const struct da_reply *r, size_t *len)
{
	const char *s = buf_str(&r->body);
	size_t n = r->body.len;
	if (begins(s, n, "\xef\xbb\xbf")) {
		s += 3;
		n -= 3;
	}
	while (n > 0 && isspace((unsigned char)*s)) {
		s++;
		n--;
	}
	*len = n;
	return s;
}

/* True for the paths to which DirectAdmin's skins send a client without a session. */
static bool login_path(const char *path)
{
	size_t len = strcspn(path, "?#");
	return len == 0 || (len == 1 && path[0] == '/') || begins(path, len, "/evo") ||
	       holds(path, len, "login");
}

static enum da_fault check_redirect(
    const struct da_reply *r, const struct conf_da *asked, bool *session, struct err *why)
{
	const char *to = r->location, *path = to;
	bool secure = asked->ssl;
	char host[300];
	if (to[0] == '\0')
		return fault(DA_GARBLED, why, "a redirect without a location");
	if (begins(to, strlen(to), "http://") || begins(to, strlen(to), "https://")) {
		secure = begins(to, strlen(to), "https://");
		path = strstr(to, "//");
	}
	if (path[0] == '/' && path[1] == '/') {
		bool bracket = path[2] == '[';
		const char *name = path + 2 + bracket;
		size_t len = strcspn(name, bracket ? "]/?#" : ":/?#");
		path = name + len + strcspn(name + len, "/?#");
		snprintf(host, sizeof(host), "%.*s", (int)(len < 299 ? len : 299), name);
		if (strcasecmp(host, asked->hostname) != 0) {
			err_set(why, "a redirect to another host, %.*s", QUOTED, host);
			return DA_GARBLED;
		}
	}
	if (secure && !asked->ssl)
		return fault(DA_TLS, why, "it wants https: set ssl: true");
	if (!secure && asked->ssl)
		return fault(DA_GARBLED, why, "a redirect from https to http");
	if (!login_path(path)) {
		err_set(why, "a redirect to %.*s", QUOTED, to);
		return DA_GARBLED;
	}
	*session = true;
	return fault(DA_DENIED, why, "a redirect to a login page");
}

/* Puts the words of an error on one line. */
static void quote_error(const struct url_form *f, char *out, size_t size)
{
	const struct url_pair *text = url_find(f, "text"), *details = url_find(f, "details");
	bool both = text != NULL && details != NULL && text->value_len > 0;
	snprintf(out, size, "%.*s%s%.*s", text == NULL ? 0 : QUOTED,
	    text == NULL ? "" : text->value, both && details->value_len > 0 ? ": " : "",
	    details == NULL ? 0 : QUOTED, details == NULL ? "" : details->value);
}

/* error=1&text=...: 1, and its words in `out`; error=0: 0; no such form: -1. */
static int form_error(const struct da_reply *r, char *out, size_t size)
{
	size_t len;
	const char *s = inner(r, &len);
	struct url_form f;
	int is_error = -1;
	out[0] = '\0';
	if (!begins(s, len, "error=") || url_parse(&f, s, len, NULL) < 0)
		return -1;
	const struct url_pair *e = url_find(&f, "error");
	if (e != NULL) {
		is_error = strcmp(e->value, "0") != 0;
		quote_error(&f, out, size);
	}
	url_free(&f);
	return is_error;
}

/* The same for {"error": ...}; 0 or 1. */
static int json_error(const json_t *object, char *out, size_t size)
{
	const json_t *e = json_object_get(object, "error");
	out[0] = '\0';
	if (e == NULL || json_is_null(e) || json_is_false(e))
		return 0;
	const char *text = json_string_value(e);
	if (json_integer_value(e) == 0 && json_is_integer(e))
		return 0;
	if (text != NULL && (text[0] == '\0' || strcmp(text, "0") == 0))
		return 0;
	const char *more = json_string_value(json_object_get(object, "result"));
	if (more == NULL)
		more = json_string_value(json_object_get(object, "details"));
	if (more == NULL)
		more = json_string_value(json_object_get(object, "text"));
	snprintf(out, size, "%.*s%s%.*s", QUOTED, text == NULL ? "error" : text,
	    more == NULL || more[0] == '\0' ? "" : ": ", QUOTED, more == NULL ? "" : more);
	return 1;
}

static json_t *parse_object(const char *s, size_t len)
{
	json_t *v = json_loadb(s, len, JSON_REJECT_DUPLICATES, NULL);
	if (v != NULL && !json_is_object(v)) {
		json_decref(v);
		v = NULL;
	}
	return v;
}

/* As form_error(), for either form of error. */
static int any_error(const struct da_reply *r, char *out, size_t size)
{
	size_t len;
	const char *s = inner(r, &len);
	int is_error = form_error(r, out, size);
	/* The search spares most pages of a list from being parsed twice. */
	if (is_error < 0 && len > 0 && s[0] == '{' && memmem(s, len, "\"error\"", 7) != NULL) {
		json_t *v = parse_object(s, len);
		if (v != NULL && json_error(v, out, size) == 1)
			is_error = 1;
		json_decref(v);
	}
	return is_error;
}

static enum da_fault check_page(const char *s, size_t len, struct err *why)
{
	if (holds(s, len, "blacklisted"))
		return fault(DA_LOCKED, why, "a page says that this address is blacklisted");
	if (holds(s, len, "directadmin login") || holds(s, len, "action=\"/CMD_LOGIN"))
		return fault(DA_LOGIN, why, "wrong user or password (a login page)");
	if (holds(s, len, "use https"))
		return fault(DA_TLS, why, "it wants https: set ssl: true");
	return DA_NONE;
}

static enum da_fault check_status(const struct da_reply *r, const char *said, struct err *why)
{
	const char *colon = said[0] == '\0' ? "" : ": ";
	enum da_fault f = DA_GARBLED;
	if (r->status == 401) {
		err_set(why, "wrong user or password (HTTP 401%s%s)", colon, said);
		return DA_LOGIN;
	}
	if (r->status == 403) {
		err_set(why, "not allowed (HTTP 403%s%s)", colon, said);
		return DA_DENIED;
	}
	if (r->status >= 500 || r->status == 408 || r->status == 429)
		f = DA_DOWN;
	err_set(why, "HTTP %ld%s%s", r->status, colon, said);
	return f;
}

enum da_fault da_answer_check(
    const struct da_reply *r, const struct conf_da *asked, bool *session, struct err *why)
{
	char said[2 * QUOTED + 8];
	size_t len;
	const char *s = inner(r, &len);
	bool html = len > 0 && s[0] == '<';
	int is_error = html ? -1 : any_error(r, said, sizeof(said));
	enum da_fault f = DA_NONE;
	*session = false;
	if (is_error < 1)
		said[0] = '\0';
	if (r->use_https)
		return fault(DA_TLS, why, "it wants https: set ssl: true");
	/* Never search a zone or a list: its owner may write anything there. */
	if (html || r->status != 200 || begins(s, len, "your ip"))
		f = check_page(s, len, why);
	if (f == DA_LOCKED || (is_error == 1 && holds(said, strlen(said), "blacklisted")))
		return fault(DA_LOCKED, why, "it says that this address is blacklisted");
	if (r->status >= 300 && r->status < 400)
		return check_redirect(r, asked, session, why);
	if (r->unauthorized)
		return fault(DA_LOGIN, why, "wrong user or password (a login page)");
	if (f != DA_NONE && r->status < 500)
		return f;
	if (r->status != 200)
		return check_status(r, said, why);
	if (html)
		return fault(DA_GARBLED, why, "a page of HTML");
	return DA_NONE;
}

/* Does the error say that this zone, or a domain or zone, does not exist? */
static bool says_absent(const char *said, const char *zone)
{
	static const char *const gone[] = {"not exist", "not found", "no such", "unable to find",
	    "cannot find", "can't find", "could not find", "invalid domain"};
	size_t len = strlen(said);
	if (!holds(said, len, "domain") && !holds(said, len, "zone") && !holds(said, len, zone))
		return false;
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		if (holds(said, len, gone[i]))
			return true;
	}
	return false;
}

enum da_fault da_answer_zone(const struct da_reply *r, const char *zone, struct err *why)
{
	char said[2 * QUOTED + 8];
	size_t len;
	const char *s = inner(r, &len);
	int is_error = any_error(r, said, sizeof(said));
	if (is_error == 1) {
		err_set(why, "%s: %s", zone, said[0] == '\0' ? "refused without a reason" : said);
		return says_absent(said, zone) ? DA_ABSENT : DA_DENIED;
	}
	if (len == 0)
		return fault(DA_GARBLED, why, "an empty answer instead of a zone");
	if (is_error == 0 || s[0] == '{' || s[0] == '[' || s[0] == '<' ||
	    memchr(s, '\0', len) != NULL)
		return fault(DA_GARBLED, why, "something else instead of a zone");
	if (memmem(s, len, "SOA", 3) == NULL && memmem(s, len, "soa", 3) == NULL)
		return fault(DA_GARBLED, why, "a text without SOA instead of a zone");
	if (!r->framed)
		return fault(DA_GARBLED, why, "a zone without a length: its end is uncertain");
	return DA_NONE;
}

enum da_fault da_answer_json(const struct da_reply *r, json_t **out, struct err *why)
{
	char said[2 * QUOTED + 8];
	size_t len;
	const char *s = inner(r, &len);
	*out = NULL;
	if (form_error(r, said, sizeof(said)) == 1) {
		err_set(why, "refused: %s", said);
		return DA_DENIED;
	}
	if (len == 0)
		return fault(DA_GARBLED, why, "an empty answer");
	*out = parse_object(s, len);
	if (*out == NULL)
		return fault(DA_GARBLED, why, "an answer that is not a JSON object");
	if (json_error(*out, said, sizeof(said)) == 1) {
		err_set(why, "refused: %s", said);
		json_decref(*out);
		*out = NULL;
		return DA_DENIED;
	}
	return DA_NONE;
}
