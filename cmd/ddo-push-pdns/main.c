/* ddo-push-pdns: makes a PowerDNS Authoritative Server serve zones, by its HTTP API (ddo-push(7),
 * ddo-push-pdns(8)). */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pdns.h"

#define ASK_MS 3000
#define PATIENCE_S 5

static void pdns_close(void *ctx)
{
	struct pdns *p = ctx;
	api_close(p->api);
	dnsq_close(p->dns.dns);
	free(p->key_from_file);
	free(p);
}

static int read_key(
    struct pdns *p, const struct conf_target *t, struct api_options *o, struct err *err)
{
	const char *file = conf_option(t, "api_key_file", NULL);
	if (file != NULL && conf_read_secret(file, &p->key_from_file, err) < 0)
		return -1;
	o->key = file != NULL ? p->key_from_file : conf_option(t, "api_key", NULL);
	return 0;
}

static int pdns_open(
    void **ctx, const struct conf *conf, const struct conf_target *t, struct err *err)
{
	struct pdns *p = mem_alloc(sizeof(*p));
	struct api_options o = {.url = conf_option(t, "url", "http://127.0.0.1:8081"),
	    .server_id = conf_option(t, "server_id", "localhost"),
	    .ca_file = conf_option(t, "ca_file", NULL)};
	(void)conf;
	p->url = o.url;
	p->server_id = o.server_id;
	p->kind = conf_option(t, "kind", "Native");
	p->dns = (struct confirm_rows){.server = conf_option(t, "server", "127.0.0.1:53"),
	    .patience_s = PATIENCE_S,
	    .nudge = pdns_flush,
	    .ctx = p};
	int r = read_key(p, t, &o, err);
	if (r == 0)
		r = api_open(&p->api, &o, err);
	if (r == 0)
		r = dnsq_open(&p->dns.dns, p->dns.server, err);
	*ctx = p;
	if (r < 0)
		pdns_close(p);
	return r;
}

static bool take_version(void *ctx, size_t i, struct api_call *c)
{
	struct buf *version = ctx;
	(void)i;
	if (c->status == 0) {
		c->method = "GET";
		return true;
	}
	json_t *answer = json_loadb(buf_str(&c->answer), c->answer.len, 0, NULL);
	const char *text = json_string_value(json_object_get(answer, "version"));
	const char *type = json_string_value(json_object_get(answer, "daemon_type"));
	if (c->status == 200 && text != NULL && type != NULL && strcmp(type, "authoritative") == 0)
		buf_adds(version, text);
	json_decref(answer);
	return false;
}

static bool take_launch(void *ctx, size_t i, struct api_call *c)
{
	struct buf *launch = ctx;
	(void)i;
	if (c->status == 0) {
		c->method = "GET";
		buf_adds(&c->path, "/config");
		return true;
	}
	json_t *answer = json_loadb(buf_str(&c->answer), c->answer.len, 0, NULL);
	size_t k;
	json_t *setting;
	json_array_foreach(answer, k, setting)
	{
		const char *name = json_string_value(json_object_get(setting, "name"));
		const char *value = json_string_value(json_object_get(setting, "value"));
		if (c->status == 200 && name != NULL && value != NULL &&
		    strcmp(name, "launch") == 0)
			buf_adds(launch, value);
	}
	json_decref(answer);
	return false;
}

/* The backend bind reads files alone. */
static int check_backend(struct pdns *p, struct err *err)
{
	struct buf launch = {0};
	int r = api_request(p->api, 1, 1, take_launch, &launch, err);
	if (r == 0 && strcmp(buf_str(&launch), "bind") == 0)
		r = err_set(err,
		    "PowerDNS has only the backend bind, which takes no zones: launch a "
		    "database, such as gsqlite3");
	buf_free(&launch);
	return r;
}

static int pdns_probe(void *ctx, struct buf *what, struct err *err)
{
	struct pdns *p = ctx;
	struct buf version = {0};
	struct dnsq_item item = {.zone = "probe.ddo.invalid"};
	int r = api_request(p->api, 1, 1, take_version, &version, err);
	if (r == 0 && version.len == 0)
		r = err_set(err,
		    "%s is not a PowerDNS Authoritative Server with server_id %s and api=yes",
		    p->url, p->server_id);
	if (r == 0)
		r = check_backend(p, err);
	if (r == 0)
		r = dnsq_ask(p->dns.dns, &item, 1, ASK_MS, err);
	if (r == 0 && item.state == DNSQ_NOANSWER)
		r = err_set(err, "%s does not answer over DNS", p->dns.server);
	if (r == 0)
		buf_addf(what, "PowerDNS %s, DNS at %s", version.data, p->dns.server);
	buf_free(&version);
	return r;
}

int main(int argc, char **argv)
{
	static const struct push_kind kind = {.program = "ddo-push-pdns",
	    .kind = "powerdns",
	    .options = &pdns_options,
	    .open = pdns_open,
	    .close = pdns_close,
	    .apply = pdns_apply,
	    .list = pdns_list,
	    .probe = pdns_probe};
	return push_main(&kind, argc, argv);
}
