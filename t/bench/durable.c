/* durable: measures how many durable files a second the file system of DIR takes.
 *
 * durable DIR WRITERS SECONDS writes 2 KiB to tmp/, syncs it, renames it into new/, and syncs that
 * directory, as the spool does.  Each writer has its own directories, so that none waits for
 * another. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

#define MAX_WRITERS 64

struct writer {
	pthread_t thread;
	int dir, new_;
	int64_t until;
	unsigned long done;
	struct err err;
};

static void *work(void *arg)
{
	struct writer *w = arg;
	char tmp[64], name[64], text[2048];

	memset(text, 'x', sizeof(text));
	while (clock_mono_ms() < w->until) {
		snprintf(tmp, sizeof(tmp), "tmp/%lu", w->done);
		snprintf(name, sizeof(name), "new/%lu", w->done);
		if (file_write_durable(w->dir, tmp, name, 0600, text, sizeof(text), &w->err) < 0 ||
		    file_sync_dir(w->new_, "the directory", &w->err) < 0)
			return w;
		w->done++;
	}
	return NULL;
}

/* The time for this does not count. */
static void remove_files(const struct writer *w)
{
	char name[64];

	for (unsigned long i = 0; i < w->done; i++) {
		snprintf(name, sizeof(name), "new/%lu", i);
		unlinkat(w->dir, name, 0);
	}
}

static int open_dirs(struct writer *w, int dir, unsigned number)
{
	char name[16];
	snprintf(name, sizeof(name), "%u", number);
	mkdirat(dir, name, 0700); /* it may exist from the round before */
	w->dir = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mkdirat(w->dir, "tmp", 0700);
	mkdirat(w->dir, "new", 0700);
	w->new_ = openat(w->dir, "new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return w->new_ < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
	static struct writer writers[MAX_WRITERS];
	unsigned long count = argc == 4 ? strtoul(argv[2], NULL, 10) : 0, done = 0;
	int status = 0;

	if (count == 0 || count > MAX_WRITERS) {
		fprintf(stderr, "usage: durable DIR WRITERS SECONDS\n");
		return 64;
	}
	int dir = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		fprintf(stderr, "durable: %s: %s\n", argv[1], strerror(errno));
		return 66;
	}
	int64_t start = clock_mono_ms(), until = start + 1000 * strtol(argv[3], NULL, 10);
	for (unsigned i = 0; i < count; i++) {
		struct writer *w = &writers[i];
		w->until = until;
		if (open_dirs(w, dir, i) < 0 || pthread_create(&w->thread, NULL, work, w) != 0)
			return 71;
	}
	for (unsigned i = 0; i < count; i++) {
		void *failed;
		pthread_join(writers[i].thread, &failed);
		if (failed != NULL) {
			fprintf(stderr, "durable: %s\n", writers[i].err.text);
			status = 74;
		}
		done += writers[i].done;
	}
	double seconds = (double)(clock_mono_ms() - start) / 1000;
	for (unsigned i = 0; i < count; i++)
		remove_files(&writers[i]);
	printf("rate=%.0f\n", (double)done / seconds);
	return status;
}
