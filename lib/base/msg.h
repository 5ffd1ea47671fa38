/* msg: messages of a program, and its exits.  Programs use it (cmd/, lib/push/main.c), not lib/.
 *
 * A message is one line: "ddo-queue: fatal: cannot open /x/y: No such file or directory".  Control
 * characters and invalid UTF-8 become '?'.  Lines go to stderr; after msg_to_syslog() they go to
 * syslog (facility daemon), because under inetd descriptor 2 is the client's socket.  die_*()
 * print and exit with the code of sysexits(3) that their name says.  Callers never pass a secret.
 * msg_init() comes first.  With the format "json", a line on stderr is one JSON object;
 * DADNS_LOG_FORMAT sets it before the configuration is read.
 */
#ifndef DDO_MSG_H
#define DDO_MSG_H

enum msg_level { MSG_ERROR, MSG_WARN, MSG_INFO, MSG_DEBUG };

void msg_init(const char *program); /* `program` must stay valid */
void msg_to_syslog(void);
void msg_set_level(enum msg_level most);   /* default: MSG_INFO */
void msg_set_level_name(const char *name); /* error, warn, info, debug; any case */
void msg_set_format_name(const char *name);

void msg_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void msg_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void msg_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void msg_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define MSG_DIE __attribute__((format(printf, 1, 2), noreturn))
void die_usage(const char *fmt, ...) MSG_DIE;   /* 64 EX_USAGE: wrong command line */
void die_data(const char *fmt, ...) MSG_DIE;    /* 65 EX_DATAERR: input refused for good */
void die_noinput(const char *fmt, ...) MSG_DIE; /* 66 EX_NOINPUT */
void die_down(const char *fmt, ...) MSG_DIE;    /* 69 EX_UNAVAILABLE: the target is down */
void die_system(const char *fmt, ...) MSG_DIE;  /* 71 EX_OSERR */
void die_temp(const char *fmt, ...) MSG_DIE;    /* 75 EX_TEMPFAIL: later */
void die_config(const char *fmt, ...) MSG_DIE;  /* 78 EX_CONFIG */

/* Reads the options (opt.h) and returns the index of the first operand.  --help and --version are
 * answered on stdout and end the program with 0; die_usage() tells of a wrong option. */
struct opt_program;
int msg_options(const struct opt_program *p, int argc, char **argv);

#endif
