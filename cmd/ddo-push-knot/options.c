/* options: what a target of type knot takes in app.yml. */
#include "knot.h"

static const struct push_option list[] = {
    {.key = "zones_dir", .type = CONF_PATH, .required = true},
    {.key = "control", .type = CONF_PATH},
    {.key = "template", .type = CONF_TEXT},
    {.key = "mode", .type = CONF_TEXT, .words = "conf zonefile-only"},
    {.key = "checkzone", .type = CONF_PATH},
    {.key = "server", .type = CONF_TEXT},
    {0},
};

const struct push_options knot_options = {.list = list};
