/* login: app.auth_*, app.credentials and app.trusted_proxies. */
#include <crypt.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "conf/conf_private.h"
#include "dns/name.h"

#define PASSWORD_MAX 4096

int conf_read_secret(const char *path, char **out, struct err *err)
{
	struct buf text = {0};
	*out = NULL;
	int r = file_read(AT_FDCWD, path, &text, PASSWORD_MAX, err);
	if (r == 0)
		text.len = strcspn(buf_str(&text), "\r\n");
	if (r == 0 && text.len > 0)
		*out = mem_dupn(text.data, text.len);
	else if (r == 0)
		r = err_set(err, "the file is empty");
	if (text.data != NULL)
		explicit_bzero(text.data, text.cap);
	buf_free(&text);
	return r;
}

bool conf_is_hash(const char *password)
{
	if (password[0] != '$')
		return false;
	int r = crypt_checksalt(password);
	return r != CRYPT_SALT_INVALID && r != CRYPT_SALT_METHOD_DISABLED;
}

static int read_password(struct conf *c, const struct conf_entry *e, char **out, struct err *err)
{
	struct err why;
	char *path = entry_absolute(e->value);
	int r = conf_read_secret(path, out, &why);
	free(path);
	return r == 0 ? 0 : entry_wrong(c, e, why.text, err);
}

int conf_set_password(
    struct conf *c, const struct conf_entry *e, const char *key, char **out, struct err *err)
{
	if (*out != NULL)
		return entry_wrong(c, e, "set password or password_file, not both", err);
	if (strcmp(key, "password_file") == 0)
		return read_password(c, e, out, err);
	*out = mem_dup(e->value);
	return 0;
}

static int add_network(
    struct conf *c, const struct conf_entry *e, struct net **list, size_t *count, struct err *err)
{
	struct net net;
	if (net_parse(e->value, &net) < 0)
		return entry_wrong(c, e,
		    "must be an address or a network (192.0.2.0/24, no bits behind the prefix)",
		    err);
	*list = mem_resize(*list, *count + 1, sizeof(**list));
	(*list)[(*count)++] = net;
	return 0;
}

int conf_add_host(
    struct conf *c, const struct conf_entry *e, char ***list, size_t *count, struct err *err)
{
	char name[NAME_SIZE];
	struct err why;
	if (name_normalize_host(e->value, strlen(e->value), name, &why) < 0)
		return entry_wrong(c, e, why.text, err);
	*list = mem_resize(*list, *count + 1, sizeof(**list));
	(*list)[(*count)++] = mem_dup(name);
	return 0;
}

static int set_login(struct conf *c, const struct conf_entry *e, const char *key, struct err *err)
{
	struct conf_login *login = &c->logins[c->nlogins - 1];
	if (strcmp(key, "username") == 0) {
		login->username = mem_dup(e->value);
		if (strpbrk(e->value, ":|") != NULL)
			return entry_wrong(c, e, "must not hold ':' or '|'", err);
	} else if (strncmp(key, "password", 8) == 0) {
		return conf_set_password(c, e, key, &login->password, err);
	} else if (entry_index_end(key, "addresses") != NULL) {
		return add_network(c, e, &login->addresses, &login->naddresses, err);
	} else if (entry_index_end(key, "origins") != NULL) {
		return conf_add_host(c, e, &login->origins, &login->norigins, err);
	} else if (strcmp(key, "zones") == 0) {
		login->owned = strcmp(e->value, "owned") == 0;
		if (!login->owned && strcmp(e->value, "any") != 0)
			return entry_wrong(c, e, "must be any or owned", err);
	}
	return 0;
}

static int check_login(struct conf *c, const struct conf_entry *e, struct err *err)
{
	const struct conf_login *login = &c->logins[c->nlogins - 1];
	if (login->username == NULL || login->username[0] == '\0')
		return entry_wrong(c, e, "username is missing", err);
	if (login->password == NULL || login->password[0] == '\0')
		return entry_wrong(c, e, "password is missing", err);
	if (strcmp(login->password, "changeme") == 0)
		return entry_wrong(c, e, "\"changeme\" is everybody's password: set another", err);
	if (login->owned && login->norigins == 0)
		return entry_wrong(c, e,
		    "zones: owned needs origins: without them the login may push for any server",
		    err);
	for (size_t i = 0; &c->logins[i] != login; i++) {
		if (strcmp(c->logins[i].username, login->username) == 0)
			return entry_wrong(c, e, "this username is there already", err);
	}
	return 0;
}

static struct conf_login *add_login(struct conf *c)
{
	c->logins = mem_resize(c->logins, c->nlogins + 1, sizeof(*c->logins));
	struct conf_login *login = &c->logins[c->nlogins++];
	*login = (struct conf_login){0};
	return login;
}

static void add_empty_login(struct conf *c)
{
	add_login(c);
}

static int load_credentials(struct conf *c, const struct conf_entries *all, struct err *err)
{
	static const struct entry_elements credentials = {
	    "app.credentials", add_empty_login, set_login, check_login};
	return entry_elements(c, all, &credentials, err);
}

static int load_main(struct conf *c, const struct conf_entries *all, struct err *err)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct conf_entry *e = &all->list[i];
		if (strcmp(e->path, "app.auth_password_file") != 0 || e->null)
			continue;
		if (c->auth_password != NULL)
			return entry_wrong(
			    c, e, "set app.auth_password or app.auth_password_file, not both", err);
		if (read_password(c, e, &c->auth_password, err) < 0)
			return -1;
	}
	if (c->auth_password == NULL)
		return 0;
	if (strcmp(c->auth_password, "changeme") == 0)
		return err_set(err,
		    "%s: app.auth_password: \"changeme\" is everybody's password: set"
		    " another (or DADNS_APP_AUTH_PASSWORD)",
		    c->file);
	struct conf_login *login = add_login(c);
	login->username = mem_dup(c->auth_username);
	login->password = mem_dup(c->auth_password);
	return 0;
}

static int load_proxies(struct conf *c, const struct conf_entries *all, struct err *err)
{
	static const char *const here[] = {"127.0.0.0/8", "::1"};
	bool given = false;
	for (size_t i = 0; i < all->count; i++) {
		const struct conf_entry *e = &all->list[i];
		const char *rest = entry_index_end(e->path, "app.trusted_proxies");
		given = given || strcmp(e->path, "app.trusted_proxies") == 0 || rest != NULL;
		if (rest != NULL && *rest == '\0' &&
		    add_network(c, e, &c->proxies, &c->nproxies, err) < 0)
			return -1;
	}
	if (!c->proxy_support)
		c->nproxies = 0;
	for (size_t i = 0; c->proxy_support && !given && i < 2; i++) {
		struct conf_entry e = {.path = "", .value = (char *)here[i]};
		add_network(c, &e, &c->proxies, &c->nproxies, err);
	}
	return 0;
}

int conf_load_logins(struct conf *c, const struct conf_entries *all, struct err *err)
{
	if (load_main(c, all, err) < 0 || load_credentials(c, all, err) < 0 ||
	    load_proxies(c, all, err) < 0)
		return -1;
	if (c->ssl_enable && (c->ssl_cert == NULL || c->ssl_key == NULL))
		return err_set(
		    err, "%s: app.ssl_enable: needs app.ssl_cert and app.ssl_key", c->file);
	return 0;
}

void conf_free_logins(struct conf *c)
{
	for (size_t i = 0; i < c->nlogins; i++) {
		struct conf_login *login = &c->logins[i];
		for (size_t j = 0; j < login->norigins; j++)
			free(login->origins[j]);
		free(login->origins);
		free(login->addresses);
		free(login->username);
		free(login->password);
	}
	free(c->logins);
}
