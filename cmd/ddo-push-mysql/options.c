/* options: what a target of type mysql (coredns_mysql) takes in app.yml. */
#include "mysql.h"

static const char *table_wrong(const char *value)
{
	return link_is_name(value) ? NULL : "must be 1 to 64 of letters, digits, '_' and '$'";
}

static const struct push_option list[] = {
    {.key = "host", .type = CONF_TEXT},
    {.key = "hosts", .type = CONF_TEXTS},
    {.key = "port", .type = CONF_UINT, .min = 1, .max = 65535},
    {.key = "socket", .type = CONF_PATH},
    {.key = "database", .type = CONF_TEXT},
    {.key = "username", .type = CONF_TEXT},
    {.key = "password", .type = CONF_SECRET},
    {.key = "password_file", .type = CONF_PATH},
    {.key = "ssl_ca", .type = CONF_PATH},
    {.key = "ssl_cert", .type = CONF_PATH},
    {.key = "ssl_key", .type = CONF_PATH},
    {.key = "ssl_verify", .type = CONF_BOOL},
    {.key = "connect_timeout", .type = CONF_UINT, .min = 1, .max = 3600},
    {.key = "read_timeout", .type = CONF_UINT, .min = 1, .max = 3600},
    {.key = "write_timeout", .type = CONF_UINT, .min = 1, .max = 3600},
    {.key = "table_name", .type = CONF_TEXT, .wrong = table_wrong}, /* DirectDNSOnly's word */
    {.key = "zones_table", .type = CONF_TEXT, .wrong = table_wrong},
    {.key = "records_table", .type = CONF_TEXT, .wrong = table_wrong},
    {.key = "schema", .type = CONF_TEXT, .words = "coredns powerdns"},
    {.key = "adopt", .type = CONF_BOOL},
    {.key = "server", .type = CONF_TEXT},
    {.key = "refresh", .type = CONF_UINT, .min = 1, .max = 3600},
    {0},
};

static const char *lack(const struct conf_target *t)
{
	bool host = conf_option(t, "host", NULL) != NULL;
	bool hosts = conf_option(t, "hosts", NULL) != NULL;
	bool socket = conf_option(t, "socket", NULL) != NULL;
	if (host + hosts + socket > 1)
		return "set one of host, hosts and socket, not several";
	if (conf_option(t, "password", NULL) != NULL &&
	    conf_option(t, "password_file", NULL) != NULL)
		return "set password or password_file, not both";
	return NULL;
}

const struct push_options mysql_kind_options = {.list = list, .lack = lack};
