/* opt: the options of a command line, declared once: in a table that the parser and --help share.
 *
 * A program fills in a struct opt_program whose table ends with a zeroed row.  Each row says where
 * its value goes: set one of flag, string, number and list.  The macros declare what several
 * programs have, so that a letter means the same in all of them.  The rows keep one order: -c, -t,
 * -z, -s, -n, -j, then the program's own by their long names, then -T.  opt adds -h and -V.
 * opt_parse() neither prints nor exits: msg_options() (msg.h) does so for the programs.
 *
 * Values point into argv.  A list grows by mem_resize(), and the caller frees it.  The last one of
 * a repeated string or number counts.  Long names may be cut short as getopt_long(3) allows.
 */
#ifndef DDO_OPT_H
#define DDO_OPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "paths.h"

struct opt {
	char letter; /* 0: it has a long name only */
	char alias;  /* another letter for it, or 0 */
	const char *name;
	const char *value; /* what --help calls the value; NULL: it takes none */
	const char *help;  /* what it does, in lines that "\n" separates */
	bool *flag;
	const char **string;
	size_t *number; /* from 1 to OPT_NUMBER_MAX */
	char ***list;
	size_t *listed; /* how many `list` has */
};

#define OPT_NUMBER_MAX 999999999

#define OPT_CONFIG(to) \
	{ \
		.letter = 'c', .name = "config", .value = "FILE", .string = (to), \
		.help = "read FILE (default: $DDO_CONFIG or " CONF_DEFAULT_FILE ")" \
	}
#define OPT_TARGET(to, what) \
	{ \
		.letter = 't', .name = "target", .value = "TARGET", .string = (to), .help = (what) \
	}
#define OPT_ZONE(to, what) \
	{ \
		.letter = 'z', .name = "zone", .value = "ZONE", .string = (to), .help = (what) \
	}
#define OPT_SERVER(to, what) \
	{ \
		.letter = 's', .name = "server", .value = "SERVER", .string = (to), .help = (what) \
	}
#define OPT_DRY_RUN(to, what) \
	{ \
		.letter = 'n', .name = "dry-run", .flag = (to), .help = (what) \
	}
#define OPT_JSON(to) \
	{ \
		.letter = 'j', .name = "json", .flag = (to), .help = "print JSON" \
	}
#define OPT_TEST(to) \
	{ \
		.letter = 'T', .name = "test", .flag = (to), \
		.help = "test the configuration and exit" \
	}

struct opt_program {
	const char *name;
	const char *synopsis; /* what follows the name, a line for each form */
	const char *about;    /* what the program and its verbs do */
	const char *codes;    /* the exit codes; NULL: --help does not tell them */
	const struct opt *options;
	bool operands; /* words beside the options are allowed */
	bool ordered;  /* the first operand ends the options: those behind may begin with '-' */
};

/* Returns the index in argv of the first operand; options behind operands are moved in front of
 * them, and "--" before or behind the first operand is skipped.  0: `text` is what --help or
 * --version asks for, and is the caller's to free.  -1: err says which option is wrong. */
int opt_parse(
    const struct opt_program *p, int argc, char **argv, struct buf *text, struct err *err);

#endif
