/* verbs: what ddo-da does with one server or with all.
 *
 * Each verb prints its result on stdout and errors on stderr, and goes on to the next server after
 * an error.  It returns an exit code of sysexits(3): 0, or that of the worst error.
 */
#ifndef DDO_DA_VERBS_H
#define DDO_DA_VERBS_H

#include <stdbool.h>

#include "conf/conf.h"
#include "da/da.h"

struct options {
	const char *config, *server, *address, *password_file;
	size_t port; /* 0: app.listen_port */
	bool ssl, no_ssl;
	bool json, test;
};

/* The servers to ask: all of the configuration, or one. */
struct servers {
	const struct conf *conf;
	const struct conf_da *first;
	size_t count;
};

int verb_list(const struct servers *s, bool json);
int verb_zone(const struct servers *s, const char *zone);
int verb_check(const struct servers *s, bool json);
int verb_register(const struct servers *s, const struct options *o);

/* Fills in what register tells DirectAdmin about this node.  Ends the program with a message when
 * the options and the configuration do not say enough. */
void register_node(
    struct da_node *out, char address[NAME_SIZE], const struct conf *conf, const struct options *o);

#endif
