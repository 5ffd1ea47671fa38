/* spool: opening the spool's directories, and closing them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "spool/spool_private.h"

static int make_dir(int at, const char *path, const char *shown, bool create, struct err *err)
{
	struct stat st;
	bool made = create && mkdirat(at, path, 0770) == 0;
	if (create && !made && errno != EEXIST) {
		err_sys(err, "cannot create %s", shown);
		return err_group(err);
	}
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* The group owns what root enqueues, or ddo-queue could not read it. */
	if (made && fd >= 0 && fstat(fd, &st) == 0)
		(void)!fchmod(fd, (st.st_mode & 0777) | S_ISGID);
	if (fd < 0) {
		err_sys(err, "cannot open %s", shown);
		err_group(err);
	}
	return fd;
}

int spool_open(struct spool **out, const char *dir, bool create, struct err *err)
{
	struct spool *s = mem_alloc(sizeof(*s));
	s->path = mem_dup(dir);
	s->dir = s->tmp = s->new_ = s->bad = s->order = -1;
	pthread_mutex_init(&s->mutex, NULL);
	char shown[4096];
	const char *const names[] = {"tmp", "new", "bad"};
	int *const fds[] = {&s->tmp, &s->new_, &s->bad};
	s->dir = make_dir(AT_FDCWD, dir, dir, create, err);
	bool good = s->dir >= 0;
	for (size_t i = 0; good && i < 3; i++) {
		snprintf(shown, sizeof(shown), "%s/%s", dir, names[i]);
		*fds[i] = make_dir(s->dir, names[i], shown, create, err);
		good = *fds[i] >= 0;
	}
	if (!good || order_open(s, create, err) < 0) {
		spool_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void spool_close(struct spool *s)
{
	if (s == NULL)
		return;
	const int fds[] = {s->dir, s->tmp, s->new_, s->bad, s->order};
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	pthread_mutex_destroy(&s->mutex);
	free(s->path);
	free(s);
}
