/* register: this node's entry in DirectAdmin's Multi-Server Setup. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/url.h"
#include "da/da_private.h"

#define ANSWER_MAX ((size_t)4 << 20)
#define VALUE_SIZE 256

/* The fields of an entry: those that ddo needs, and those that it keeps as they are. */
enum { PORT, USER, SSL, DNS, DOMAIN_CHECK, USER_CHECK, EMAIL, SHOW_ALL_USERS, FIELDS };
static const char *const names[FIELDS] = {
    "port", "user", "ssl", "dns", "domain_check", "user_check", "email", "show_all_users"};

struct entry {
	bool present;
	char values[FIELDS][VALUE_SIZE];
};

static bool is_yes(const char *value)
{
	static const char *const words[] = {"yes", "on", "1", "true"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(value, words[i]) == 0)
			return true;
	}
	return false;
}

/* A value as text; -1: it is not a sane one. */
static int as_text(const json_t *v, char out[VALUE_SIZE])
{
	const char *s = json_string_value(v);
	char number[24];
	if (v == NULL || json_is_null(v))
		s = "";
	else if (json_is_boolean(v))
		s = json_is_true(v) ? "yes" : "no";
	else if (json_is_integer(v)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
		s = number;
	}
	if (s == NULL || strlen(s) >= VALUE_SIZE)
		return -1;
	for (const char *c = s; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 127)
			return -1;
	}
	snprintf(out, VALUE_SIZE, "%s", s);
	return 0;
}

static int take_entry(
    struct da *da, const json_t *answer, const char *address, struct entry *out, struct err *err)
{
	const json_t *servers = json_object_get(answer, "servers");
	const json_t *on = json_object_get(answer, "CLUSTER_ON"), *entry;
	char text[VALUE_SIZE];
	bool none = servers == NULL || json_is_null(servers) ||
		    (json_is_array(servers) && json_array_size(servers) == 0) ||
		    (json_is_string(servers) && json_string_length(servers) == 0);
	if (on == NULL || as_text(on, text) < 0 || (!none && !json_is_object(servers)))
		return da_fail(da, DA_GARBLED, err, "CMD_MULTI_SERVER: an unknown form of answer");
	if (!is_yes(text))
		return da_fail(da, DA_DENIED, err,
		    "its Multi-Server Setup is off: turn it on there first (cluster=1)");
	entry = json_object_get(servers, address);
	if (entry == NULL)
		return 0;
	if (!json_is_object(entry))
		return da_fail(
		    da, DA_GARBLED, err, "CMD_MULTI_SERVER: %s is not a server", address);
	out->present = true;
	for (int i = 0; i < FIELDS; i++) {
		if (as_text(json_object_get(entry, names[i]), out->values[i]) < 0)
			return da_fail(da, DA_GARBLED, err,
			    "CMD_MULTI_SERVER: %s of %s makes no sense", names[i], address);
	}
	return 0;
}

static int read_entry(struct da *da, const char *address, struct entry *out, struct err *err)
{
	json_t *answer;
	struct err why;
	*out = (struct entry){0};
	if (da_call(da, "/CMD_MULTI_SERVER?json=yes", NULL, ANSWER_MAX, err) < 0)
		return -1;
	enum da_fault f = da_answer_json(&da->reply, &answer, &why);
	if (f != DA_NONE)
		return da_fail(da, f, err, "CMD_MULTI_SERVER: %s", why.text);
	int r = take_entry(da, answer, address, out, err);
	json_decref(answer);
	return r;
}

static void add_field(struct buf *form, const char *name, const char *address, const char *value)
{
	if (form->len > 0)
		buf_addc(form, '&');
	buf_adds(form, name);
	if (address != NULL) {
		buf_addc(form, '-');
		url_encode(form, address);
	}
	buf_addc(form, '=');
	url_encode(form, value);
}

/* Posts the form, and demands an answer that says success. */
static int post(struct da *da, struct buf *form, const char *what, struct err *err)
{
	json_t *answer;
	struct err why;
	int r = da_call(da, "/CMD_MULTI_SERVER", form, ANSWER_MAX, err);
	explicit_bzero(form->data, form->len);
	buf_free(form);
	if (r < 0)
		return -1;
	enum da_fault f = da_answer_json(&da->reply, &answer, &why);
	if (f != DA_NONE)
		return da_fail(da, f, err, "CMD_MULTI_SERVER, %s: %s", what, why.text);
	if (!json_is_string(json_object_get(answer, "success")))
		r = da_fail(da, DA_GARBLED, err,
		    "CMD_MULTI_SERVER, %s: an answer that does not say success", what);
	json_decref(answer);
	return r;
}

static int add(struct da *da, const struct da_node *node, struct err *err)
{
	struct buf form = {0};
	char port[16];
	snprintf(port, sizeof(port), "%u", node->port);
	add_field(&form, "action", NULL, "add");
	add_field(&form, "json", NULL, "yes");
	add_field(&form, "ip", NULL, node->address);
	add_field(&form, "port", NULL, port);
	add_field(&form, "user", NULL, node->username);
	add_field(&form, "passwd", NULL, node->password);
	add_field(&form, "ssl", NULL, node->ssl ? "yes" : "no");
	return post(da, &form, "add", err);
}

static int save(struct da *da, const struct da_node *node, struct entry *e, struct err *err)
{
	struct buf form = {0};
	snprintf(e->values[PORT], VALUE_SIZE, "%u", node->port);
	snprintf(e->values[USER], VALUE_SIZE, "%s", node->username);
	snprintf(e->values[SSL], VALUE_SIZE, "%s", node->ssl ? "yes" : "no");
	snprintf(e->values[DNS], VALUE_SIZE, "yes");
	snprintf(e->values[DOMAIN_CHECK], VALUE_SIZE, "yes");
	add_field(&form, "action", NULL, "multiple");
	add_field(&form, "save", NULL, "yes");
	add_field(&form, "json", NULL, "yes");
	add_field(&form, "passwd", NULL, "");
	add_field(&form, "select0", NULL, node->address);
	for (int i = 0; i < FIELDS; i++)
		add_field(&form, names[i], node->address, e->values[i]);
	return post(da, &form, "save", err);
}

/* The name of the first field that is wrong; NULL: all are right. */
static const char *differs(const struct entry *e, const struct da_node *node)
{
	char port[16];
	snprintf(port, sizeof(port), "%u", node->port);
	if (!e->present)
		return "the server";
	if (strcmp(e->values[PORT], port) != 0)
		return names[PORT];
	if (strcmp(e->values[USER], node->username) != 0)
		return names[USER];
	if (is_yes(e->values[SSL]) != node->ssl)
		return names[SSL];
	if (!is_yes(e->values[DNS]))
		return names[DNS];
	return is_yes(e->values[DOMAIN_CHECK]) ? NULL : names[DOMAIN_CHECK];
}

static int correct(struct da *da, const struct da_node *node, bool *changed, struct err *err)
{
	struct entry e;
	const char *wrong;
	if (read_entry(da, node->address, &e, err) < 0)
		return -1;
	if (differs(&e, node) == NULL)
		return 0;
	*changed = true;
	if (!e.present) {
		if (add(da, node, err) < 0 || read_entry(da, node->address, &e, err) < 0)
			return -1;
		if (!e.present)
			return da_fail(da, DA_GARBLED, err,
			    "CMD_MULTI_SERVER: it says that it added %s, but does not list it",
			    node->address);
	}
	if (differs(&e, node) == NULL)
		return 0;
	if (save(da, node, &e, err) < 0 || read_entry(da, node->address, &e, err) < 0)
		return -1;
	wrong = differs(&e, node);
	if (wrong != NULL)
		return da_fail(da, DA_GARBLED, err,
		    "CMD_MULTI_SERVER: it says that it saved the entry, but %s of %s is still "
		    "wrong",
		    wrong, node->address);
	return 0;
}

int da_register(struct da *da, const struct da_node *node, bool *changed, struct err *err)
{
	*changed = false;
	da->secret = node->password;
	int r = correct(da, node, changed, err);
	da->secret = NULL;
	return r;
}
