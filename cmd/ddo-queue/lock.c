/* lock: there is only one ddo-queue. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "queue.h"

/* ddo-status holds a shared lock for a moment to see whether ddo-queue runs. */
#define PATIENCE_MS 1000

int queue_lock(const char *run_dir, struct err *err)
{
	char path[4096];
	if (mkdir(run_dir, 0755) < 0 && errno != EEXIST)
		return err_sys(err, "cannot create %s", run_dir);
	snprintf(path, sizeof(path), "%s/queue.lock", run_dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_sys(err, "cannot open %s", path);
	for (int64_t until = clock_mono_ms() + PATIENCE_MS; flock(fd, LOCK_EX | LOCK_NB) < 0;) {
		if (errno == EWOULDBLOCK && clock_mono_ms() < until) {
			poll(NULL, 0, 20);
			continue;
		}
		if (errno == EWOULDBLOCK)
			err_set(err, "another ddo-queue is running: it holds %s", path);
		else
			err_sys(err, "cannot lock %s", path);
		close(fd);
		return -1;
	}
	return fd;
}
