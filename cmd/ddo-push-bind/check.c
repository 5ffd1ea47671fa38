#include <string.h>

#include "bind.h"
#include "checkzone.h"

/* The first line of named-checkzone's that speaks of an error, without its "zone X/IN: ". */
static void word_reason(const struct primary_work *w, const char *words, char *out, size_t size)
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

bool check_refuses(struct primary *p, const struct primary_work *w, char *reason, size_t size)
{
	const struct bind *b = (const struct bind *)p;
	struct buf words = {0}, path = {0};
	primary_path(p, w->file, &path);
	char *argv[] = {
	    (char *)b->checkzone, "-i", "local", "-k", "fail", w->item->name, path.data, NULL};
	bool refused = checkzone_refuses(argv, &words);
	word_reason(w, buf_str(&words), reason, size);
	buf_free(&words);
	buf_free(&path);
	return refused;
}
