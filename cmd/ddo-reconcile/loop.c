/* loop: -w, for containers, where there is no cron. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/msg.h"
#include "reconcile.h"

/* Waits for one of the signals, `seconds` at most.  Its number; 0: the time is over. */
static int wait_signal(const sigset_t *set, unsigned seconds)
{
	struct timespec left = {.tv_sec = (time_t)seconds};
	int sig = sigtimedwait(set, NULL, &left);
	return sig < 0 ? 0 : sig;
}

/* Each run is a process of its own: it reads the configuration anew, and one that dies or leaks
 * harms no other. */
static void run_child(
    const struct options *o, int (*once)(const struct options *o), const sigset_t *set, bool *stop)
{
	pid_t pid = fork();
	if (pid < 0) {
		msg_error("cannot fork: %s", strerror(errno));
		return;
	}
	if (pid == 0) {
		sigprocmask(SIG_UNBLOCK, set, NULL);
		_exit(once(o));
	}
	int status = 0;
	while (waitpid(pid, &status, WNOHANG) == 0) {
		int sig = wait_signal(set, 3600);
		if (sig == SIGTERM || sig == SIGINT) {
			*stop = true;
			kill(pid, SIGTERM);
		}
	}
	if (WIFSIGNALED(status) && !*stop)
		msg_error("the run died of signal %d", WTERMSIG(status));
}

static unsigned minutes(const struct options *o, bool first)
{
	struct conf *conf;
	struct err err;
	if (conf_load(&conf, o->config, &err) < 0) {
		if (first)
			die_config("%s", err.text);
		msg_error("%s", err.text);
		return 1;
	}
	unsigned m = first ? conf->reconcile.delay_min : conf->reconcile.interval_min;
	if (first && !conf->reconcile.enabled)
		die_config(
		    "%s: reconciliation.enabled is not true, so -w has nothing to wait for; set it",
		    conf->file);
	conf_free(conf);
	return m;
}

int loop(const struct options *o, int (*once)(const struct options *o))
{
	sigset_t set;
	bool stop = false;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (unsigned wait = minutes(o, true); !stop; wait = minutes(o, false)) {
		int sig = 0;
		if (wait > 0)
			msg_info("next run in %u minutes", wait);
		/* A SIGCHLD left over from the run before does not count. */
		do
			sig = wait > 0 ? wait_signal(&set, wait * 60) : 0;
		while (sig == SIGCHLD);
		stop = sig != 0;
		if (!stop)
			run_child(o, once, &set, &stop);
	}
	return EX_OK;
}
