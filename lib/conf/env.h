/* conf_env: DADNS_* variables over the entries of app.yml.
 *
 * DADNS_ + key path in capitals, '.' and '-' as '_'.  Every scalar key may be set, in the file or
 * not; elements of lists may not.  DADNS_DNS_BACKENDS_<NAME>_<KEY> may name a backend that the file
 * does not have (containers without an app.yml entry): NAME is what precedes the longest known KEY.
 */
#ifndef DDO_CONF_ENV_H
#define DDO_CONF_ENV_H

#include "conf/yaml.h"

#define CONF_BACKENDS "dns.backends."
#define CONF_ENV_NAME_SIZE 512

void conf_env_name(const char *path, char out[CONF_ENV_NAME_SIZE]);
int conf_env_apply(struct conf_entries *all, struct err *err);

#endif
