/* poison: makes a name server die of a certain zone.
 *
 * Preload it into named, nsd or knotd.  A process that opens a zone file (FILE.db, FILE.db.good and
 * the like) with the word "ddo-poison" in it gets SIGKILL at once, as if it had died of reading the
 * file: when it is told of the zone, and at each start while the file is there.  A running NSD
 * reads files in a process of its own; only that one dies and the old zones stay, as when NSD
 * itself crashes.  An NSD that starts dies as a whole.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char poison[] = "ddo-poison";

/* Reads the open file, because the name may belong to another file a moment later. */
static void taste(const char *path, int fd)
{
	if (path == NULL || strstr(path, ".db") == NULL || fd < 0)
		return;
	off_t len = lseek(fd, 0, SEEK_END);
	lseek(fd, 0, SEEK_SET);
	char *text = len > 0 ? malloc((size_t)len) : NULL;
	ssize_t n = text == NULL ? 0 : pread(fd, text, (size_t)len, 0);
	if (n > 0 && memmem(text, (size_t)n, poison, sizeof(poison) - 1) != NULL)
		kill(getpid(), SIGKILL);
	free(text);
}

#define OPEN(name) \
	int name(const char *path, int flags, ...) \
	{ \
		int (*real)(const char *, int, ...); \
		va_list ap; \
		va_start(ap, flags); \
		mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0; \
		va_end(ap); \
		*(void **)&real = dlsym(RTLD_NEXT, #name); \
		int fd = real(path, flags, mode); \
		taste(path, fd); \
		return fd; \
	}

#define FOPEN(name) \
	FILE *name(const char *path, const char *mode) \
	{ \
		FILE *(*real)(const char *, const char *); \
		*(void **)&real = dlsym(RTLD_NEXT, #name); \
		FILE *f = real(path, mode); \
		taste(path, f == NULL ? -1 : fileno(f)); \
		return f; \
	}

OPEN(open)
OPEN(open64)
FOPEN(fopen)
FOPEN(fopen64)
