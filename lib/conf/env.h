/* env: DADNS_* variables over the entries of app.yml.
 *
 * The name is DADNS_ and the key path in capitals, '.' and '-' as '_'.  Every scalar key may be
 * set, in the file or not; elements of lists may not.
 *
 * DADNS_DNS_BACKENDS_<NAME>_<KEY>: NAME is the longest name of a target that fits, the rest in
 * lower case is the key.  A target that app.yml does not have (containers) is declared by
 * <NAME>_TYPE, <NAME>_ENABLED or <NAME>_PROGRAM; "bind" and "nsd" then have DirectDNSOnly's
 * paths, unless variables name others.  conf_env_apply() changes or appends entries,
 * with line 0; -1 with a reason that names the variable.
 */
#ifndef DDO_CONF_ENV_H
#define DDO_CONF_ENV_H

#include "conf/yaml.h"

#define CONF_BACKENDS "dns.backends."
#define CONF_ENV_NAME_SIZE 512

/* The variable of a key path, cut to the size. */
void conf_env_name(const char *path, char out[CONF_ENV_NAME_SIZE]);
int conf_env_apply(struct conf_entries *all, struct err *err);
/* -1: the value of the variable holds a control character. */
int conf_env_text(const char *name, const char *value, struct err *err);

#endif
