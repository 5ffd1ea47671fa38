/* ddo-push-mysql: makes the tables of CoreDNS's mysql plugin, or of PowerDNS, hold zones
 * (ddo-push(7), ddo-push-mysql(8)). */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mysql.h"

#define ASK_MS 3000

static void mysql_close_all(void *ctx)
{
	struct mysql *m = ctx;
	link_close(m->link);
	dnsq_close(m->dns.dns);
	free(m);
}

static void open_tables(struct mysql *m, const struct conf_target *t)
{
	bool pdns = strcmp(conf_option(t, "schema", "coredns"), "powerdns") == 0;
	m->schema = pdns ? schema_powerdns : schema_coredns;
	/* CoreDNS's plugin answers a deleted zone from its cache for a while; ddo has read back
	 * that the rows are gone. */
	m->dns.remembers = !pdns;
	m->dns.interval = pdns ? "; zone-cache-refresh-interval must be below refresh"
			       : "; success_heartbeat_time must be below refresh";
	m->schema.zones = conf_option(t, "zones_table", m->schema.zones);
	/* table_name is DirectDNSOnly's word for it. */
	m->schema.records =
	    conf_option(t, "records_table", conf_option(t, "table_name", m->schema.records));
}

static int mysql_open(
    void **ctx, const struct conf *conf, const struct conf_target *t, struct err *err)
{
	struct mysql *m = mem_alloc(sizeof(*m));
	const char *refresh = conf_option(t, "refresh", "65");
	(void)conf;
	m->target = t->name;
	m->adopt = conf_is_true(conf_option(t, "adopt", "no"));
	m->dns.server = conf_option(t, "server", NULL);
	m->dns.patience_s = (unsigned)strtoul(refresh, NULL, 10);
	open_tables(m, t);
	int r = link_open(&m->link, t, err);
	if (r == 0 && m->dns.server != NULL && m->dns.patience_s >= t->timeout_s)
		r = err_set(err, "refresh (%u) must be less than timeout (%u)", m->dns.patience_s,
		    t->timeout_s);
	if (r == 0 && m->dns.server != NULL)
		r = dnsq_open(&m->dns.dns, m->dns.server, err);
	if (r == 0 && m->dns.dns != NULL)
		dnsq_without_aa(m->dns.dns);
	*ctx = m;
	if (r < 0)
		mysql_close_all(m);
	return r;
}

/* Is the server reachable, are its tables there, and may ddo write?  A read-only server, or missing
 * rights, refuse even a statement that changes no row. */
static enum sql probe_tables(struct mysql *m, struct buf *what, struct err *err)
{
	const struct schema *s = &m->schema;
	struct buf text = {0};
	MYSQL_RES *res = NULL;
	buf_adds(&text, "SELECT VERSION()");
	enum sql r = link_query(m->link, &text, &res, err);
	MYSQL_ROW row = r == SQL_OK ? mysql_fetch_row(res) : NULL;
	if (row != NULL && row[0] != NULL)
		buf_addf(what, "%s at %s", row[0], link_host(m->link));
	if (res != NULL)
		mysql_free_result(res);
	buf_reset(&text);
	buf_addf(&text, "DELETE FROM `%s` WHERE id = 0 AND id = 1", s->records);
	if (r == SQL_OK)
		r = link_exec(m->link, &text, err);
	buf_reset(&text);
	buf_addf(
	    &text, "UPDATE `%s` SET `%s` = NULL WHERE id = 0 AND id = 1", s->zones, s->zone_owner);
	if (r == SQL_OK)
		r = link_exec(m->link, &text, err);
	buf_free(&text);
	return r;
}

static int mysql_probe(void *ctx, struct buf *what, struct err *err)
{
	struct mysql *m = ctx;
	struct dnsq_item item = {.zone = "probe.ddo.invalid"};
	if (mysql_ready(m, NULL, err) != SQL_OK || probe_tables(m, what, err) != SQL_OK)
		return -1;
	buf_addf(what, ", tables %s and %s", m->schema.zones, m->schema.records);
	if (m->dns.dns == NULL)
		return 0;
	if (dnsq_ask(m->dns.dns, &item, 1, ASK_MS, err) < 0)
		return -1;
	if (item.state == DNSQ_NOANSWER)
		return err_set(err, "%s does not answer over DNS", m->dns.server);
	buf_addf(what, ", DNS at %s", m->dns.server);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct push_kind kind = {.program = "ddo-push-mysql",
	    .kind = "mysql",
	    .options = &mysql_kind_options,
	    .open = mysql_open,
	    .close = mysql_close_all,
	    .apply = mysql_apply,
	    .list = mysql_list,
	    .probe = mysql_probe,
	    .verb = "init",
	    .verb_help = "creates the tables, or makes them fit",
	    .extra = tables_init};
	return push_main(&kind, argc, argv);
}
