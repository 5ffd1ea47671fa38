/* child: starts a program, feeds it, collects its output, ends it. */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { PIPE_IN, PIPE_OUT, PIPE_ERR, PIPE_EXEC, PIPES };

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_all(int pipes[PIPES][2])
{
	for (int i = 0; i < PIPES; i++) {
		close_fd(&pipes[i][0]);
		close_fd(&pipes[i][1]);
	}
}

/* In the child: only async-signal-safe calls from here to exec. */
static void become(int pipes[PIPES][2], const char *path, char *const argv[], char *const envp[])
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &dfl, NULL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	/* Our own parent may have left descriptors open to us. */
	close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
	/* All pipes are above 2 (make_pipes), so no dup2 overwrites one that is still needed. */
	if (dup2(pipes[PIPE_IN][0], 0) >= 0 && dup2(pipes[PIPE_OUT][1], 1) >= 0 &&
	    dup2(pipes[PIPE_ERR][1], 2) >= 0)
		execve(path, argv, envp);
	int why = errno;
	(void)!write(pipes[PIPE_EXEC][1], &why, sizeof(why));
	_exit(127);
}

/* Pipes whose descriptors are all close-on-exec and above 2. */
static int make_pipes(int pipes[PIPES][2])
{
	for (int i = 0; i < PIPES; i++)
		pipes[i][0] = pipes[i][1] = -1;
	for (int i = 0; i < PIPES; i++) {
		if (pipe2(pipes[i], O_CLOEXEC) < 0)
			return -1;
		for (int end = 0; end < 2; end++) {
			if (pipes[i][end] > 2)
				continue;
			int above = fcntl(pipes[i][end], F_DUPFD_CLOEXEC, 3);
			close(pipes[i][end]);
			pipes[i][end] = above;
			if (above < 0)
				return -1;
		}
	}
	return 0;
}

int child_start(
    struct child *c, const char *path, char *const argv[], char *const envp[], struct err *err)
{
	int pipes[PIPES][2];
	*c = (struct child){.pid = -1, .in = -1, .out = -1, .errout = -1};
	if (make_pipes(pipes) < 0) {
		err_sys(err, "cannot make a pipe");
		close_all(pipes);
		return -1;
	}
	/* Our handlers must not run in the child: signals stay blocked until it has reset them. */
	sigset_t all, old;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid_t pid = fork();
	if (pid == 0)
		become(pipes, path, argv, envp);
	int saved = errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	close_fd(&pipes[PIPE_EXEC][1]);
	int why = 0;
	ssize_t n = -1;
	if (pid > 0) {
		while ((n = read(pipes[PIPE_EXEC][0], &why, sizeof(why))) < 0 && errno == EINTR)
			continue;
	} else {
		errno = saved;
		err_sys(err, "cannot fork");
	}
	if (pid > 0 && n > 0) {
		waitpid(pid, NULL, 0);
		errno = why;
		err_sys(err, "cannot execute %s", path);
	}
	if (pid <= 0 || n > 0) {
		close_all(pipes);
		return -1;
	}
	c->pid = pid;
	c->in = pipes[PIPE_IN][1];
	c->out = pipes[PIPE_OUT][0];
	c->errout = pipes[PIPE_ERR][0];
	fcntl(c->in, F_SETFL, O_NONBLOCK);
	fcntl(c->out, F_SETFL, O_NONBLOCK);
	fcntl(c->errout, F_SETFL, O_NONBLOCK);
	close_fd(&pipes[PIPE_IN][0]);
	close_fd(&pipes[PIPE_OUT][1]);
	close_fd(&pipes[PIPE_ERR][1]);
	close_fd(&pipes[PIPE_EXEC][0]);
	return 0;
}

void child_close(struct child *c)
{
	close_fd(&c->in);
	close_fd(&c->out);
	close_fd(&c->errout);
}

void child_kill(const struct child *c, int sig)
{
	if (c->pid > 0)
		kill(-c->pid, sig);
}

bool child_ended(const struct child *c)
{
	siginfo_t info = {0};
	return c->pid > 0 && waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == c->pid;
}

int child_reap(struct child *c)
{
	int status = 0;
	/* The rest of its group goes first: after waitpid() another process may get the pid. */
	child_kill(c, SIGKILL);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	c->pid = -1;
	return status;
}

/* Reads what is there; keeps the first `max` bytes, drops the rest.  Closes *fd at the end. */
static void drain(int *fd, struct buf *out, size_t max)
{
	char chunk[16384];
	for (ssize_t n; *fd >= 0;) {
		n = read(*fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0)
			close_fd(fd);
		else if (out->len < max)
			buf_add(
			    out, chunk, (size_t)n < max - out->len ? (size_t)n : max - out->len);
	}
}

static void feed(struct child *c, const char *input, size_t len, size_t *sent)
{
	while (*sent < len) {
		ssize_t n = write(c->in, input + *sent, len - *sent);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			break; /* EPIPE: the program closed its input */
		*sent += (size_t)n;
	}
	close_fd(&c->in);
}

int child_capture(const char *path, char *const argv[], char *const envp[], const char *input,
    size_t input_len, int timeout_ms, size_t max, struct buf *out, struct buf *errout, int *status,
    struct err *err)
{
	struct child c;
	if (child_start(&c, path, argv, envp, err) < 0)
		return -1;
	int64_t deadline = clock_mono_ms() + timeout_ms;
	size_t sent = 0;
	bool late = false, ended = false;
	while (!ended) {
		if (c.in >= 0)
			feed(&c, input, input == NULL ? 0 : input_len, &sent);
		struct pollfd p[3] = {{.fd = c.in, .events = POLLOUT},
		    {.fd = c.out, .events = POLLIN}, {.fd = c.errout, .events = POLLIN}};
		/* 10 ms: when a grandchild holds the pipe, no EOF tells of the exit. */
		bool open = c.out >= 0 || c.errout >= 0 || c.in >= 0;
		poll(p, 3, open ? 10 : 1);
		ended = child_ended(&c);
		drain(&c.out, out, max);
		drain(&c.errout, errout, max);
		if (!ended && !late && clock_mono_ms() >= deadline) {
			late = true;
			child_kill(&c, SIGKILL);
		}
	}
	*status = child_reap(&c);
	child_close(&c);
	return late ? err_set(err, "%s took more than %d ms and was killed", path, timeout_ms) : 0;
}
