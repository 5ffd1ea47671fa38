/* main: the main() of every push program: the program's side of the push protocol (ddo-push(7)).
 *
 * A push program is a main.c that fills in a struct push_kind and calls push_main().  push_main()
 * reads the options, the configuration and the verb; checks the target's options (options.h);
 * parses every zone (dns/zone.h); speaks `batch` on stdin and stdout; turns results into exit
 * codes.  It is the one file of lib that may print and exit.
 *
 * apply() gets all items up to one commit, each for another zone, and sets each item's result and
 * reason.  It returns 0, or -1 (or PUSH_GONE) when the target is down: then err says why, and items
 * that are still PUSH_UNDONE stay unanswered.  A kind keeps its state in `ctx`; close() frees it.
 */
#ifndef DDO_PUSH_H
#define DDO_PUSH_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "conf/conf.h"
#include "dns/zone.h"
#include "push/options.h"

/* Of apply(): the target was there when it got the items, and is gone since. */
#define PUSH_GONE (-2)

enum push_result { PUSH_UNDONE, PUSH_OK, PUSH_FAIL, PUSH_DEFER };

struct push_item {
	char name[NAME_SIZE];
	struct zone *zone; /* NULL: del */
	bool by_hand;      /* from the verbs put and del: a person waits for it */
	enum push_result result;
	struct err reason; /* for FAIL and DEFER */
};

struct push_kind {
	const char *program;                /* "ddo-push-bind" */
	const char *kind;                   /* the conf_kind() that it serves; NULL: any */
	const struct push_options *options; /* NULL: any */
	/* Reads the target's options, which are checked; -1: configuration error. Opens no
	 * connection yet. */
	int (*open)(
	    void **ctx, const struct conf *conf, const struct conf_target *t, struct err *err);
	void (*close)(void *ctx);
	int (*apply)(void *ctx, struct push_item *items, size_t count, struct err *err);
	/* Prints "zone TAB serial TAB digest" lines, sorted by zone.  -1: the target is down or
	 * cannot be read. */
	int (*list)(void *ctx, FILE *out, struct err *err);
	/* Writes one line about what answered into `what`. -1: down. */
	int (*probe)(void *ctx, struct buf *what, struct err *err);
	/* One verb more of this kind alone, NULL: none.  Prints what it does, with dry_run (-n)
	 * does nothing but that.  -1: down. */
	const char *verb, *verb_help;
	int (*extra)(void *ctx, bool dry_run, FILE *out, struct err *err);
};

int push_main(const struct push_kind *kind, int argc, char **argv);

#endif
