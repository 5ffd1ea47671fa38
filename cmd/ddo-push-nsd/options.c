/* options: what a target of type nsd takes in app.yml. */
#include "nsd.h"

static const struct push_option list[] = {
    {.key = "zones_dir", .type = CONF_PATH, .required = true},
    {.key = "nsd_conf", .type = CONF_PATH},
    {.key = "control", .type = CONF_TEXT},
    {.key = "pattern", .type = CONF_TEXT},
    {.key = "zone_list", .type = CONF_PATH},
    {.key = "server_cert_file", .type = CONF_PATH},
    {.key = "control_key_file", .type = CONF_PATH},
    {.key = "control_cert_file", .type = CONF_PATH},
    {.key = "checkzone", .type = CONF_PATH},
    {.key = "server", .type = CONF_TEXT},
    {0},
};

const struct push_options nsd_options = {.list = list};
