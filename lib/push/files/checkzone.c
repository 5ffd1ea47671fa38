/* checkzone: runs a server's own checker on a zone file. */
#include "push/files/checkzone.h"

#include <sys/wait.h>

#include "base/child.h"

#define CHECK_MS 20000
#define WORDS_MAX 65536

bool checkzone_refuses(char *const argv[], struct buf *words)
{
	char *envp[] = {NULL};
	struct buf errout = {0};
	struct err err;
	int status;
	int r = child_capture(
	    argv[0], argv, envp, NULL, 0, CHECK_MS, WORDS_MAX, words, &errout, &status, &err);
	buf_add(words, errout.data, errout.len);
	buf_free(&errout);
	return r == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 1;
}
