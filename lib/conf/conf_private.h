/* conf_private: the sections of app.yml: each reads its own part of the entries into struct conf.
 *
 * conf_load() calls conf_load_targets(), _logins(), _peers() and _da() in this order, after it has
 * checked every entry against the table of keys.  Each returns -1 with err set as in entry.h.  What
 * a section allocates hangs on the conf; its conf_free_ function frees it, also after an error.
 */
#ifndef DDO_CONF_PRIVATE_H
#define DDO_CONF_PRIVATE_H

#include "conf/conf.h"
#include "conf/entry.h"

/* Takes `password` or `password_file`, whichever `key` is; both are an error.  login.c: */
int conf_set_password(
    struct conf *c, const struct conf_entry *e, const char *key, char **out, struct err *err);
/* A host name or an address, in normal form. */
int conf_add_host(
    struct conf *c, const struct conf_entry *e, char ***list, size_t *count, struct err *err);

int conf_load_targets(struct conf *c, const struct conf_entries *all, struct err *err);
void conf_free_targets(struct conf *c);
int conf_load_logins(struct conf *c, const struct conf_entries *all, struct err *err);
void conf_free_logins(struct conf *c);
int conf_load_da(struct conf *c, const struct conf_entries *all, struct err *err);
void conf_free_da(struct conf *c);
/* Adds DADNS_PEER_SYNC_PEER_URL and _1_URL to _9_URL to the entries.  peers.c: */
int conf_env_peers(struct conf_entries *all, struct err *err);
int conf_load_peers(struct conf *c, const struct conf_entries *all, struct err *err);

#endif
