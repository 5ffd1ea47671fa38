/* options: what a target of type powerdns takes in app.yml. */
#include <string.h>

#include "pdns.h"

#define ID_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

/* It is part of the paths of the API. */
static const char *server_id_wrong(const char *value)
{
	return value[0] == '\0' || value[strspn(value, ID_CHARS)] != '\0'
		   ? "must be a word of letters, digits, '.', '_' and '-'"
		   : NULL;
}

static const struct push_option list[] = {
    {.key = "url", .type = CONF_TEXT},
    {.key = "api_key", .type = CONF_SECRET},
    {.key = "api_key_file", .type = CONF_PATH},
    {.key = "server_id", .type = CONF_TEXT, .wrong = server_id_wrong},
    {.key = "kind", .type = CONF_TEXT, .words = "Native Primary"},
    {.key = "ca_file", .type = CONF_PATH},
    {.key = "server", .type = CONF_TEXT},
    {0},
};

static const char *lack(const struct conf_target *t)
{
	bool key = conf_option(t, "api_key", NULL) != NULL;
	bool file = conf_option(t, "api_key_file", NULL) != NULL;
	if (key && file)
		return "set api_key or api_key_file, not both";
	return key || file ? NULL : "api_key or api_key_file is missing";
}

const struct push_options pdns_options = {.list = list, .lack = lack};
