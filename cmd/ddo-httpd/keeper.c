/* keeper: listening sockets that outlive the process which serves them. */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/notify.h"
#include "listen.h"

#define READY "DDO_HTTPD_READY" /* the descriptor through which a child says that it is ready */
#define AGAIN_MS 1000           /* until a child that ended by itself is replaced */

struct keeper {
	struct server_options *options;
	pid_t serving, starting; /* 0: none */
	int ready;               /* where `starting` says so; -1 */
	size_t children;
	int64_t again; /* when to start one; 0: not planned */
	int status;    /* to exit with */
	bool was_ready, ends;
};

static volatile sig_atomic_t hangup;

static void on_signal(int sig)
{
	hangup = hangup || sig == SIGHUP;
}

void keeper_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGCHLD);
}

bool keeper_is_above(void)
{
	return getenv(READY) != NULL;
}

void keeper_ready(void)
{
	const char *text = getenv(READY);
	int fd = text == NULL ? -1 : (int)strtol(text, NULL, 10);
	if (fd < 0)
		return;
	(void)!write(fd, "", 1);
	close(fd);
	unsetenv(READY);
}

/* As systemd passes them: one after the other, and a program that a child becomes has them too. */
static int open_sockets(struct server_options *o, unsigned default_port, struct err *err)
{
	for (size_t i = 0; i < o->passed; i++) {
		if (!listen_is_listening(LISTEN_FIRST + (int)i))
			return err_set(
			    err, "descriptor %d is not a listening socket", LISTEN_FIRST + (int)i);
	}
	if (o->passed > 0) {
		o->count = 0;
		return 0;
	}
	for (size_t i = 0; i < o->count; i++) {
		struct sockaddr_storage addr;
		socklen_t len;
		int fd, place = LISTEN_FIRST + (int)i;
		if (listen_parse(o->specs[i], default_port, &addr, &len, err) < 0 ||
		    (fd = listen_open(o->specs[i], &addr, len, err)) < 0)
			return -1;
		if (fd != place && dup2(fd, place) < 0)
			return err_sys(err, "%s: cannot keep the socket", o->specs[i]);
		if (fd != place)
			close(fd);
		fcntl(place, F_SETFD, 0);
		o->passed++;
	}
	return 0;
}

static void say_listening(const struct server_options *o)
{
	if (o->count == 0)
		msg_info("listening on %zu sockets from systemd", o->passed);
	for (size_t i = 0; i < o->count; i++)
		msg_info("listening on %s", o->specs[i]);
}

/* In the child: it ends when the keeper does. */
static int begin_child(pid_t keeper, const int ready[2])
{
	char text[16];
	signal(SIGHUP, SIG_IGN); /* the keeper's */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != keeper)
		_exit(EX_OSERR);
	close(ready[0]);
	fcntl(ready[1], F_SETFD, 0);
	snprintf(text, sizeof(text), "%d", ready[1]);
	setenv(READY, text, 1);
	unsetenv("NOTIFY_SOCKET"); /* systemd hears the main process only */
	return KEEPER_SERVE;
}

/* Without one that serves it is tried again; a reload is given up. */
static int cannot_start(struct keeper *k)
{
	msg_error("cannot start a process that serves: %s", strerror(errno));
	if (k->serving == 0)
		k->again = clock_mono_ms() + AGAIN_MS;
	else
		notify("READY=1");
	return 0;
}

/* 0 in the keeper, KEEPER_SERVE in the child. */
static int start(struct keeper *k)
{
	int ready[2];
	pid_t keeper = getpid();
	k->again = 0;
	if (pipe2(ready, O_CLOEXEC) < 0)
		return cannot_start(k);
	pid_t pid = fork();
	if (pid == 0)
		return begin_child(keeper, ready);
	if (pid < 0)
		cannot_start(k);
	close(ready[1]);
	if (pid < 0) {
		close(ready[0]);
		return 0;
	}
	k->starting = pid;
	k->ready = ready[0];
	k->children++;
	return 0;
}

static void is_ready(struct keeper *k)
{
	char octet;
	bool ready = read(k->ready, &octet, 1) == 1;
	close(k->ready);
	k->ready = -1;
	if (!ready)
		return; /* it has ended, or will */
	if (k->serving != 0) {
		kill(k->serving, SIGTERM);
		msg_info("configuration read anew");
	}
	if (!k->was_ready)
		say_listening(k->options);
	k->was_ready = true;
	k->serving = k->starting;
	k->starting = 0;
	notify("READY=1");
}

static const char *how(int status, char out[32])
{
	snprintf(out, 32, WIFSIGNALED(status) ? "signal %d" : "exit status %d",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return out;
}

static void has_ended(struct keeper *k, pid_t pid, int status)
{
	char text[32];
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
	k->children--;
	if (pid == k->starting) {
		k->starting = 0;
		if (k->ready >= 0)
			close(k->ready);
		k->ready = -1;
		if (k->serving != 0) {
			msg_error("the old configuration stays: the line before this one says why");
			notify("READY=1");
		} else {
			k->ends = true;
			k->status = code;
		}
	} else if (pid == k->serving) {
		k->serving = 0;
		if (k->ends) {
			k->status = code;
		} else if (k->starting == 0) {
			msg_error("the process that serves has ended (%s); another one starts",
			    how(status, text));
			k->again = clock_mono_ms() + AGAIN_MS;
		}
	}
}

static void end(struct keeper *k)
{
	k->ends = true;
	notify("STOPPING=1");
	/* A child takes what waits at sockets of ours, and closes them: then nobody can connect. */
	for (size_t i = 0; i < k->options->count; i++)
		close(LISTEN_FIRST + (int)i);
	k->options->count = 0;
	if (k->serving != 0)
		kill(k->serving, SIGTERM);
	if (k->starting != 0)
		kill(k->starting, SIGTERM);
}

static void wait_for_something(struct keeper *k)
{
	sigset_t none;
	struct pollfd p = {.fd = k->ready, .events = POLLIN};
	int64_t ms = k->again == 0 ? 60000 : k->again - clock_mono_ms();
	struct timespec limit = {
	    .tv_sec = ms < 0 ? 0 : ms / 1000, .tv_nsec = ms < 0 ? 0 : ms % 1000 * 1000000};
	sigemptyset(&none);
	if (ppoll(&p, 1, &limit, &none) > 0)
		is_ready(k);
}

int keeper_run(struct server_options *options, unsigned default_port,
    const volatile sig_atomic_t *stop, struct err *err)
{
	struct keeper k = {.options = options, .ready = -1};
	struct sigaction on = {.sa_handler = on_signal, .sa_flags = SA_NOCLDSTOP};
	if (open_sockets(options, default_port, err) < 0)
		return KEEPER_FAILED;
	sigaction(SIGHUP, &on, NULL);
	sigaction(SIGCHLD, &on, NULL);
	notify_open();
	k.again = 1;
	for (;;) {
		int status;
		pid_t pid;
		if (k.ends && k.children == 0)
			return k.status;
		bool again = k.again != 0 && clock_mono_ms() >= k.again;
		if (hangup && k.serving != 0 && k.starting == 0 && !k.ends) {
			hangup = 0;
			again = true;
			notify_reloading();
		}
		if (again && !k.ends && start(&k) == KEEPER_SERVE)
			return KEEPER_SERVE;
		wait_for_something(&k);
		if (*stop && !k.ends) /* before what ended is looked at: it got the signal, too */
			end(&k);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			has_ended(&k, pid, status);
	}
}
