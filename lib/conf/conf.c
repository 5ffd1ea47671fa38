/* conf: the loader of app.yml: files, environment, table of keys, sections. */
#include "conf/conf.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "conf/conf_private.h"
#include "conf/env.h"
#include "conf/schema.h"
#include "paths.h"

static int set_field(struct conf *c, const struct conf_key *k, const struct conf_entry *e,
    uint64_t number, bool flag, struct err *err)
{
	char *field = (char *)c + k->field;
	if (k->type == CONF_BOOL) {
		memcpy(field, &flag, sizeof(flag));
	} else if (k->type == CONF_UINT && k->size == sizeof(unsigned)) {
		unsigned narrow = (unsigned)number;
		memcpy(field, &narrow, sizeof(narrow));
	} else if (k->type == CONF_UINT) {
		size_t wide = (size_t)number;
		memcpy(field, &wide, sizeof(wide));
	} else {
		if (e->value[0] == '\0' && strncmp(k->path, "app.ssl_", 8) == 0)
			return 0; /* empty means none, as in DirectDNSOnly */
		if (e->value[0] == '\0')
			return entry_wrong(c, e, "is empty", err);
		char *value = k->type == CONF_PATH ? entry_absolute(e->value) : mem_dup(e->value);
		char *old;
		memcpy(&old, field, sizeof(old));
		free(old);
		memcpy(field, &value, sizeof(value));
	}
	return 0;
}

static int set_global(struct conf *c, const struct conf_entry *e, struct err *err)
{
	char path[512];
	uint64_t number = 0;
	bool flag = false;
	entry_without_indexes(e->path, path, sizeof(path));
	size_t len = strlen(path);
	bool above = false, a_list = false;
	for (size_t i = 0; i < conf_nkeys; i++) {
		const struct conf_key *k = &conf_keys[i];
		bool list = k->type == CONF_UINTS || k->type == CONF_TEXTS;
		if (list && strcmp(path, k->path) == 0 && e->value == NULL)
			return 0; /* its elements follow */
		size_t klen = strlen(k->path);
		if (strcmp(path, k->path) == 0 && !list) {
			if (e->null)
				return 0;
			if (entry_check(c, e, k->type, k->min, k->max, &number, &flag, err) < 0)
				return -1;
			return k->field < 0 ? 0 : set_field(c, k, e, number, flag, err);
		}
		if (list && strncmp(path, k->path, klen) == 0 && strcmp(path + klen, "[]") == 0) {
			if (entry_check(c, e, k->type, k->min, k->max, &number, &flag, err) < 0)
				return -1;
			if (k->type == CONF_TEXTS)
				return 0; /* the section reads it from the entries */
			c->retry_s = mem_resize(c->retry_s, c->nretry + 1, sizeof(*c->retry_s));
			c->retry_s[c->nretry++] = (unsigned)number;
			return 0;
		}
		bool below = strncmp(k->path, path, len) == 0;
		above = above || (below && strchr(".[", k->path[len]) != NULL);
		a_list = a_list || (below && k->path[len] == (list ? '\0' : '['));
	}
	if (above && (e->value == NULL || e->null))
		return 0;
	return entry_wrong(c, e,
	    a_list  ? "must be a list"
	    : above ? "must have keys below it"
		    : "no such key",
	    err);
}

static int load_rest(struct conf *c, const struct conf_entries *all, struct err *err)
{
	static const char *const levels[] = {"error", "warn", "warning", "info", "debug"};
	for (size_t i = 0; i < all->count; i++) {
		const struct conf_entry *e = &all->list[i];
		if (strcmp(e->path, "datastore.type") == 0 && !e->null &&
		    strcmp(e->value, "sqlite") != 0)
			return entry_wrong(c, e,
			    "must be sqlite: ddo keeps its store in one file of its own", err);
		if (strcmp(e->path, "log_format") == 0 && !e->null &&
		    strcasecmp(e->value, "text") != 0 && strcasecmp(e->value, "json") != 0)
			return entry_wrong(c, e, "must be text or json", err);
		if (strcmp(e->path, "log_level") == 0 && !e->null) {
			bool good = false;
			for (size_t l = 0; l < 5; l++)
				good = good || strcasecmp(e->value, levels[l]) == 0;
			if (!good)
				return entry_wrong(c, e, "must be error, warn, info or debug", err);
		}
	}
	if (c->nretry == 0) {
		static const unsigned schedule[] = {30, 120, 300, 900, 1800};
		c->nretry = 5;
		c->retry_s = mem_alloc(sizeof(schedule));
		memcpy(c->retry_s, schedule, sizeof(schedule));
	}
	if (conf_load_logins(c, all, err) < 0 || conf_load_peers(c, all, err) < 0)
		return -1;
	return conf_load_da(c, all, err);
}

static void set_defaults(struct conf *c)
{
	c->spool_dir = mem_dup("/var/spool/ddo");
	c->db_path = mem_dup("/var/lib/ddo/zones.db");
	c->run_dir = mem_dup("/run/ddo");
	c->libexec_dir = mem_dup(LIBEXECDIR);
	c->log_level = mem_dup("info");
	c->log_format = mem_dup("text");
	c->auth_username = mem_dup("directdnsonly");
	c->listen_port = 2222;
	c->check_subdomain_owner = true;
	c->max_body = (size_t)16 << 20;
	c->max_zone = (size_t)64 << 20;
	c->max_records = 100000;
	c->max_connections = 1000;
	c->max_connections_per_address = 100;
	c->request_timeout_s = 30;
	c->max_request_line = 32768;
	c->max_header_bytes = 32768;
	c->max_queue = 200000;
	c->disk_reserve = (size_t)16 << 20;
	c->login_failures = 10;
	c->login_lock_s = 300;
	c->sandbox = true;
	c->threads = 8;
	c->batch_zones = 1000;
	c->batch_bytes = (size_t)16 << 20;
	c->rescan_s = 15;
	c->compare_hours = 24;
	c->probe_s = 60;
	c->linger_s = 30;
	c->stop_s = 5;
	c->reconcile = (struct conf_reconcile){.interval_min = 60,
	    .verify_ssl = true,
	    .ipp = 1000,
	    .timeout_s = 30,
	    .rate = 10,
	    .lockout_hours = 24,
	    .confirm_runs = 2,
	    .grace_hours = 24,
	    .max_delete_percent = 10,
	    .max_deletes = 50,
	    .archive_days = 90,
	    .rrsig_days = 3};
}

static int load_all(struct conf *c, const struct conf_entries *all, struct err *err)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct conf_entry *e = &all->list[i];
		bool target = strncmp(e->path, CONF_BACKENDS, strlen(CONF_BACKENDS)) == 0;
		bool top = strcmp(e->path, "dns.backends") == 0;
		if (top && e->value != NULL && !e->null)
			return entry_wrong(c, e, "must have keys below it", err);
		if (!target && !top && set_global(c, e, err) < 0)
			return -1;
	}
	return conf_load_targets(c, all, err) < 0 ? -1 : load_rest(c, all, err);
}

static void add_file(struct conf *c, char *file)
{
	c->files = mem_resize(c->files, c->nfiles + 1, sizeof(*c->files));
	c->files[c->nfiles++] = file;
}

static int is_yml(const struct dirent *d)
{
	size_t len = strlen(d->d_name);
	return d->d_name[0] != '.' && len > 4 && strcmp(d->d_name + len - 4, ".yml") == 0;
}

/* app.yml, then what is in conf.d beside it. */
static int read_files(struct conf *c, struct conf_entries *all, struct err *err)
{
	struct dirent **names = NULL;
	struct buf dir = {0};
	if (conf_yaml_read(c->file, false, all, err) < 0)
		return -1;
	buf_add(&dir, c->file, (size_t)(strrchr(c->file, '/') - c->file));
	buf_adds(&dir, "/conf.d");
	int count = scandir(dir.data, &names, is_yml, alphasort);
	int r = count < 0 && errno != ENOENT ? err_sys(err, "cannot read %s", dir.data) : 0;
	for (int i = 0; i < count; i++) {
		struct buf path = {0};
		buf_addf(&path, "%s/%s", dir.data, names[i]->d_name);
		add_file(c, path.data);
		if (r == 0)
			r = conf_yaml_read(path.data, true, all, err);
		free(names[i]);
	}
	free(names);
	buf_free(&dir);
	return r;
}

int conf_load(struct conf **out, const char *path, struct err *err)
{
	if (path == NULL)
		path = getenv("DDO_CONFIG");
	struct conf *c = mem_alloc(sizeof(*c));
	struct conf_entries all = {0};
	c->file = entry_absolute(path == NULL || path[0] == '\0' ? CONF_DEFAULT_FILE : path);
	add_file(c, c->file);
	set_defaults(c);
	int r = read_files(c, &all, err);
	if (r == 0)
		r = conf_env_apply(&all, err);
	if (r == 0)
		r = conf_env_peers(&all, err);
	if (r == 0)
		r = load_all(c, &all, err);
	conf_entries_free(&all);
	if (r < 0)
		conf_free(c);
	else
		*out = c;
	return r;
}

void conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->nfiles; i++)
		free(c->files[i]);
	free(c->files);
	char *const strings[] = {c->spool_dir, c->db_path, c->run_dir, c->libexec_dir, c->log_level,
	    c->log_format, c->auth_username, c->auth_password, c->ssl_cert, c->ssl_key,
	    c->ssl_bundle, c->reconcile.resolver};
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		free(strings[i]);
	free(c->retry_s);
	conf_free_targets(c);
	conf_free_logins(c);
	conf_free_da(c);
	free(c->proxies);
	free(c);
}
