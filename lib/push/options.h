/* options: what a push program's kind takes below dns.backends.NAME.
 *
 * A kind declares its options in cmd/ddo-push-KIND/options.c: a table, and a function for what one
 * row cannot say.  push_main() calls options_check() before every verb, so a program never opens a
 * target whose options are wrong.  A reason is "FILE:LINE: KEY: what is wrong" (the name of the
 * variable for what comes from the environment) and never holds a value.
 *
 * options_check() also makes each path absolute, against the working directory, which is that in
 * which the user started ddo: ddo-queue never changes its own.
 */
#ifndef DDO_OPTIONS_H
#define DDO_OPTIONS_H

#include "conf/conf.h"
#include "conf/entry.h"

struct push_option {
	const char *key;
	enum conf_type type; /* CONF_TEXTS: a list */
	uint64_t min, max;   /* of CONF_UINT */
	const char *words;   /* the values allowed, "addzone include"; NULL: any */
	/* What is wrong with the value; NULL: nothing. */
	const char *(*wrong)(const char *value);
	bool required;
};

struct push_options {
	const struct push_option *list; /* its last has no key */
	/* What is wrong with the options together; NULL: nothing. */
	const char *(*lack)(const struct conf_target *t);
};

/* `t` is one of conf->targets.  NULL options: the kind takes any.  -1: err. */
int options_check(const struct push_options *options, struct conf *conf,
    const struct conf_target *t, struct err *err);

#endif
