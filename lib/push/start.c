/* start: starts a target's push program. */
#include "push/start.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

extern char **environ;

static char **make_env(const struct conf *conf)
{
	size_t count = 0, n = 0;
	while (environ[count] != NULL)
		count++;
	char **env = mem_alloc((count + 4) * sizeof(*env));
	struct buf b = {0};
	buf_addf(&b, "DDO_CONFIG=%s", conf->file);
	env[n++] = mem_dup(buf_str(&b));
	buf_free(&b);
	env[n++] = mem_dup("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	env[n++] = mem_dup("LANG=C");
	for (size_t i = 0; i < count; i++) {
		if (strncmp(environ[i], "DADNS_", 6) == 0)
			env[n++] = mem_dup(environ[i]);
	}
	return env;
}

static char **make_argv(const struct conf *conf, const struct conf_target *t, const char *verb)
{
	const char *const words[] = {t->program, "-t", t->name, "-c", conf->file, verb};
	char **argv = mem_alloc((sizeof(words) / sizeof(words[0]) + 1) * sizeof(*argv));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		argv[i] = mem_dup(words[i]);
	return argv;
}

static void free_list(char **list)
{
	for (size_t i = 0; list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

int pusher_start(struct child *c, const struct conf *conf, const struct conf_target *t,
    const char *verb, struct err *err)
{
	char **argv = make_argv(conf, t, verb), **env = make_env(conf);
	int r = child_start(c, t->program, argv, env, err);
	free_list(argv);
	free_list(env);
	return r;
}

int pusher_capture(const struct conf *conf, const struct conf_target *t, const char *verb,
    int timeout_ms, size_t max, struct buf *out, struct buf *noise, int *status, struct err *err)
{
	char **argv = make_argv(conf, t, verb), **env = make_env(conf);
	int r =
	    child_capture(t->program, argv, env, NULL, 0, timeout_ms, max, out, noise, status, err);
	free_list(argv);
	free_list(env);
	return r;
}
