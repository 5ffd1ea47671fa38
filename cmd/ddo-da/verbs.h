/* verbs: what ddo-da does, to one server or to all.  Each returns an exit code of sysexits(3). */
#ifndef DDO_DA_VERBS_H
#define DDO_DA_VERBS_H

#include <stdbool.h>

#include "conf/conf.h"
#include "da/da.h"

struct options {
	const char *config, *server, *address, *port, *password_file;
	bool ssl, no_ssl;
	bool test;
};

/* The servers to ask: all, or the one. */
struct servers {
	const struct conf *conf;
	const struct conf_da *first;
	size_t count;
};

int verb_list(const struct servers *s);
int verb_zone(const struct servers *s, const char *zone);
int verb_check(const struct servers *s);
int verb_register(const struct servers *s, const struct options *o);

/* What register is to tell DirectAdmin; ends the program when that is not known. */
void register_node(
    struct da_node *out, char address[NAME_SIZE], const struct conf *conf, const struct options *o);

#endif
