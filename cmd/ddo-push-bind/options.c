/* options: what a target of type bind takes in app.yml. */
#include <string.h>

#include "bind.h"

static const struct push_option list[] = {
    {.key = "zones_dir", .type = CONF_PATH, .required = true},
    {.key = "named_conf", .type = CONF_PATH},
    {.key = "mode", .type = CONF_TEXT, .words = "addzone include"},
    {.key = "control", .type = CONF_TEXT},
    {.key = "key_file", .type = CONF_PATH},
    {.key = "view", .type = CONF_TEXT},
    {.key = "server", .type = CONF_TEXT},
    {.key = "rndc", .type = CONF_PATH},
    {.key = "checkzone", .type = CONF_PATH},
    {0},
};

static const char *lack(const struct conf_target *t)
{
	bool include = strcmp(conf_option(t, "mode", ""), "include") == 0;
	return include && conf_option(t, "named_conf", NULL) == NULL
		   ? "mode include needs named_conf"
		   : NULL;
}

const struct push_options bind_options = {.list = list, .lack = lack};
