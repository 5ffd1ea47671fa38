#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "bind.h"
#include "child.h"
#include "mem.h"

#define CHECK_MS 20000
#define WORDS_MAX 65536

/* named-checkzone's words about a file that it refuses; false: it has nothing against it. */
static bool refused_by_check(const struct bind *b, const struct work *w, struct buf *words)
{
	struct buf path = {0}, errout = {0};
	struct err err;
	int status;
	bind_path(b, w->file, &path);
	char *argv[] = {mem_dup(b->checkzone), mem_dup("-i"), mem_dup("local"), mem_dup("-k"),
	    mem_dup("fail"), mem_dup(w->item->name), path.data, NULL};
	char *envp[] = {NULL};
	int r = child_run(
	    b->checkzone, argv, envp, NULL, 0, CHECK_MS, WORDS_MAX, words, &errout, &status, &err);
	for (size_t i = 0; i < 6; i++)
		free(argv[i]);
	buf_free(&path);
	buf_add(words, errout.data, errout.len);
	buf_free(&errout);
	return r == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/* The first line of named-checkzone's that speaks of an error, without its "zone X/IN: ". */
static void word_reason(const struct work *w, const char *words, char *out, size_t size)
{
	char prefix[NAME_SIZE + 16];
	const char *line = words;
	size_t len = strcspn(line, "\n");
	snprintf(prefix, sizeof(prefix), "zone %s/IN: ", w->item->name);
	if (strncmp(line, prefix, strlen(prefix)) == 0) {
		line += strlen(prefix);
		len -= strlen(prefix);
	}
	snprintf(out, size, "%.*s", (int)len, line);
}

bool check_refuses(const struct bind *b, const struct work *w, char *reason, size_t size)
{
	struct buf words = {0};
	bool refused = refused_by_check(b, w, &words);
	word_reason(w, buf_str(&words), reason, size);
	buf_free(&words);
	return refused;
}
