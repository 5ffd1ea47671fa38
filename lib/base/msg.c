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

#define MSG_MOST 2048 /* bytes of a message */

static const char *msg_program = "ddo";
static bool msg_syslog;
static bool msg_json;
static enum msg_level msg_most = MSG_INFO;

void msg_init(const char *program)
{
	const char *format = getenv("DADNS_LOG_FORMAT");
	msg_program = program;
	if (format != NULL)
		msg_set_format_name(format);
}

void msg_set_format_name(const char *name)
{
	msg_json = strcasecmp(name, "json") == 0;
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

/* {"time":"2026-11-28T12:00:00.123Z","level":"info","program":"ddo-queue","message":"..."} */
static int json_line(char *line, size_t size, const char *word, const char *text)
{
	struct timespec now;
	struct tm tm;
	char when[32], quoted[2 * MSG_MOST] = "";
	size_t n = 0, level = strcspn(word, ":");
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			quoted[n++] = '\\';
		quoted[n++] = *text;
	}
	return snprintf(line, size,
	    "{\"time\":\"%s.%03ldZ\",\"level\":\"%.*s\",\"program\":\"%s\",\"message\":\"%.*s\"}\n",
	    when, now.tv_nsec / 1000000, level > 0 ? (int)level : 4, level > 0 ? word : "info",
	    msg_program, (int)n, quoted);
}

/* One write(2) for each line, so that lines of several processes and threads do not mix. */
__attribute__((format(printf, 3, 0))) static void say(
    int priority, const char *word, const char *fmt, va_list ap)
{
	char text[MSG_MOST];
	vsnprintf(text, sizeof(text), fmt, ap);
	err_clean(text);
	if (msg_syslog) {
		syslog(priority, "%s%s", word, text);
		return;
	}
	char line[2 * MSG_MOST + 200];
	int len = msg_json ? json_line(line, sizeof(line), word, text)
			   : snprintf(line, sizeof(line), "%s: %s%s\n", msg_program, word, text);
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
