/* msg: messages to stderr or syslog, and named exits. */
#include "base/msg.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/opt.h"

static const char *msg_program = "ddo";
static bool msg_syslog;
static enum msg_level msg_most = MSG_INFO;

void msg_init(const char *program)
{
	msg_program = program;
}

void msg_to_syslog(void)
{
	/* Both open files, which a sandbox may forbid later. */
	tzset();
	openlog(msg_program, LOG_PID | LOG_NDELAY, LOG_DAEMON);
	msg_syslog = true;
}

void msg_set_level(enum msg_level most)
{
	msg_most = most;
}

void msg_set_level_name(const char *name)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};
	for (int i = 0; i < 4; i++) {
		if (strncasecmp(name, names[i], strlen(names[i])) == 0)
			msg_most = (enum msg_level)i;
	}
}

/* One write(2) for each line, so that lines of several processes and threads do not mix. */
__attribute__((format(printf, 3, 0))) static void say(
    int priority, const char *word, const char *fmt, va_list ap)
{
	char text[2048];
	vsnprintf(text, sizeof(text), fmt, ap);
	err_clean(text);
	if (msg_syslog) {
		syslog(priority, "%s%s", word, text);
		return;
	}
	char line[2200];
	int len = snprintf(line, sizeof(line), "%s: %s%s\n", msg_program, word, text);
	if (len > 0)
		(void)!write(STDERR_FILENO, line, (size_t)len);
}

#define MSG_LEVEL(function, level, priority, word) \
	void function(const char *fmt, ...) \
	{ \
		if ((level) > msg_most) \
			return; \
		va_list ap; \
		va_start(ap, fmt); \
		say(priority, word, fmt, ap); \
		va_end(ap); \
	}

MSG_LEVEL(msg_error, MSG_ERROR, LOG_ERR, "error: ")
MSG_LEVEL(msg_warn, MSG_WARN, LOG_WARNING, "warning: ")
MSG_LEVEL(msg_info, MSG_INFO, LOG_INFO, "")
MSG_LEVEL(msg_debug, MSG_DEBUG, LOG_DEBUG, "debug: ")

#define MSG_DIE_BODY(function, code) \
	void function(const char *fmt, ...) \
	{ \
		va_list ap; \
		va_start(ap, fmt); \
		say(LOG_ERR, "fatal: ", fmt, ap); \
		va_end(ap); \
		exit(code); \
	}

MSG_DIE_BODY(die_usage, EX_USAGE)
MSG_DIE_BODY(die_data, EX_DATAERR)
MSG_DIE_BODY(die_noinput, EX_NOINPUT)
MSG_DIE_BODY(die_down, EX_UNAVAILABLE)
MSG_DIE_BODY(die_system, EX_OSERR)
MSG_DIE_BODY(die_temp, EX_TEMPFAIL)
MSG_DIE_BODY(die_config, EX_CONFIG)

int msg_options(const struct opt_program *p, int argc, char **argv)
{
	struct buf text = {0};
	struct err err;
	int first = opt_parse(p, argc, argv, &text, &err);
	if (first < 0)
		die_usage("%s; see %s --help", err.text, p->name);
	if (first == 0) {
		fputs(buf_str(&text), stdout);
		exit(fflush(stdout) == 0 ? 0 : EX_IOERR);
	}
	return first;
}
