/* runner: the loop of ddo-queue: waits for jobs, targets, signals and time. */
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/notify.h"
#include "check.h"
#include "queue.h"
#include "reader.h"
#include "restored.h"
#include "target.h"

#define CHECK_MS 50

struct runner {
	struct queue *q;
	int signals, watch;
	int64_t next_rescan; /* monotonic ms */
	int64_t stop_at;     /* monotonic ms: when grace ends */
	int stop_round;
	bool asked;          /* to reload */
	struct check *check; /* NULL: no reload is under way */
	struct conf *fresh;  /* what it checks */
};

static int block_signals(struct err *err)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigaction(SIGPIPE, &ignore, NULL);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_sys(err, "sigprocmask");
	int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd >= 0 ? fd : err_sys(err, "signalfd");
}

/* Tells the service manager that all is set up, or so again after a reload with this trouble. */
static void tell_ready(const struct queue *q, const char *trouble)
{
	struct buf state = {0};
	buf_addf(&state, "READY=1\nSTATUS=%zu targets", q->ntargets);
	if (trouble != NULL)
		buf_addf(&state, ", the old configuration stays: %s", trouble);
	notify(buf_str(&state));
	buf_free(&state);
}

static void reload_drop(struct runner *r)
{
	struct err err;
	if (r->check == NULL)
		return;
	check_end(r->check, &err);
	conf_free(r->fresh);
	r->check = NULL;
}

static void reload_start(struct runner *r)
{
	struct err err;
	r->asked = false;
	notify_reloading();
	if (conf_load(&r->fresh, r->q->conf->file, &err) == 0) {
		r->check = check_start(r->fresh);
		return;
	}
	msg_error("the old configuration stays: %s", err.text);
	tell_ready(r->q, err.text);
}

static void reload_apply(struct runner *r)
{
	struct queue *q = r->q;
	struct err err;
	int good = check_end(r->check, &err);
	r->check = NULL;
	if (good < 0) {
		msg_error("the old configuration stays: %s", err.text);
		tell_ready(q, err.text);
		conf_free(r->fresh);
		return;
	}
	if (strcmp(r->fresh->spool_dir, q->conf->spool_dir) != 0 ||
	    strcmp(r->fresh->db_path, q->conf->db_path) != 0)
		msg_warn("restart ddo-queue to change queue_location or db_location");
	if (targets_load(q, r->fresh, &err) < 0) {
		msg_error("the old configuration stays; reload again: %s", err.text);
		tell_ready(q, err.text);
		conf_free(r->fresh);
		return;
	}
	conf_free(q->conf);
	q->conf = r->fresh;
	msg_info("configuration reloaded: %zu targets", q->ntargets);
	tell_ready(q, NULL);
}

/* The push programs check the new configuration while the loop goes on; then the intake pauses. */
static void reload(struct runner *r)
{
	struct queue *q = r->q;
	if (q->stopping)
		reload_drop(r);
	else if (r->check == NULL && r->asked)
		reload_start(r);
	q->reload = r->check != NULL && check_over(r->check);
	if (!q->reload || q->intake.reading)
		return;
	q->reload = false;
	reload_apply(r);
}

static void stop(struct runner *r)
{
	if (r->q->stopping)
		return;
	r->q->stopping = true;
	r->stop_at = clock_mono_ms() + (int64_t)r->q->conf->stop_s * 1000;
	if (!r->q->once)
		msg_info("stopping");
	notify("STOPPING=1");
}

static void on_signals(struct runner *r)
{
	struct signalfd_siginfo info;
	while (read(r->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP && !r->q->stopping)
			r->asked = true;
		else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			stop(r);
	}
}

static void on_watch(struct runner *r)
{
	char events[4096];
	while (read(r->watch, events, sizeof(events)) > 0)
		r->q->intake.wanted = true;
}

static void rescan(struct runner *r)
{
	struct err err;
	const struct queue *q = r->q;
	if (q->stopping || clock_mono_ms() < r->next_rescan)
		return;
	/* The watch is only a hint; the rescan finds every job. */
	r->q->intake.wanted = true;
	r->next_rescan = clock_mono_ms() + (int64_t)q->conf->rescan_s * 1000;
	if (store_clamp(q->store, clock_wall_s(), q->conf->retry_s[q->conf->nretry - 1], &err) < 0)
		msg_error("%s", err.text);
}

static int wait_ms(const struct runner *r)
{
	int64_t when = r->q->stopping ? r->stop_at : r->next_rescan;
	int64_t intake = intake_wakeup(r->q);
	if (intake < when)
		when = intake;
	for (size_t i = 0; i < targets_all(r->q); i++) {
		int64_t wake = target_wakeup(r->q, targets_at(r->q, i));
		int64_t compare = compare_wakeup(r->q, targets_at(r->q, i));
		if (wake < when)
			when = wake;
		if (compare < when)
			when = compare;
	}
	int64_t ms = when - clock_mono_ms();
	if (r->check != NULL && ms > CHECK_MS)
		ms = CHECK_MS; /* what they write must not fill the pipes */
	return ms < 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
}

static void wait_and_read(struct runner *r)
{
	struct queue *q = r->q;
	size_t targets = targets_all(q), lists = 3 + PROCESS_FDS * targets;
	size_t n = lists + PROCESS_FDS * targets;
	struct pollfd *p = mem_alloc(n * sizeof(*p));
	p[0] = (struct pollfd){.fd = r->signals, .events = POLLIN};
	p[1] = (struct pollfd){.fd = r->watch, .events = POLLIN};
	p[2] = (struct pollfd){.fd = reader_fd(q->intake.reader), .events = POLLIN};
	for (size_t i = 0; i < targets; i++) {
		const struct target *t = targets_at(q, i);
		process_fds(&t->process, &p[3 + PROCESS_FDS * i]);
		process_fds(&t->compare.process, &p[lists + PROCESS_FDS * i]);
	}
	if (poll(p, n, wait_ms(r)) > 0) {
		if (p[1].revents != 0)
			on_watch(r);
		for (size_t i = 0; i < targets; i++) {
			struct target *t = targets_at(q, i);
			const struct pollfd *fds = &p[3 + PROCESS_FDS * i];
			if (fds[0].revents != 0)
				process_write(&t->process);
			if ((fds[1].revents | fds[2].revents) != 0)
				target_read(q, t);
			compare_read(t);
		}
		if (p[0].revents != 0)
			on_signals(r);
	}
	free(p);
}

static bool quiet(const struct queue *q)
{
	for (size_t i = 0; i < targets_all(q); i++) {
		if (process_alive(&targets_at(q, i)->process) || compare_busy(targets_at(q, i)))
			return false;
	}
	return true;
}

static bool busy(const struct queue *q)
{
	bool any = !intake_over(q);
	for (size_t i = 0; i < targets_all(q); i++)
		any = any || target_busy(targets_at(q, i)) || compare_busy(targets_at(q, i));
	return any;
}

/* ddo-queue -1: the spool has no job that can be taken, nothing is due now or under way. */
static bool all_done(struct queue *q)
{
	if (busy(q))
		return false;
	for (size_t i = 0; i < q->ntargets; i++) {
		if (target_is_due(q, q->targets[i]) || compare_is_due(q->targets[i]))
			return q->store_sick;
	}
	return true;
}

static void keep_stopping(struct runner *r)
{
	if (!r->q->stopping || clock_mono_ms() < r->stop_at)
		return;
	for (size_t i = 0; i < targets_all(r->q); i++)
		child_kill(
		    &targets_at(r->q, i)->process.child, r->stop_round == 0 ? SIGTERM : SIGKILL);
	r->stop_round++;
	r->stop_at = clock_mono_ms() + 1000;
}

static int prepare(struct runner *r, struct err *err)
{
	uint64_t seq = 0;
	r->signals = block_signals(err);
	r->watch = r->signals < 0 ? -1 : spool_watch(r->q->spool, err);
	if (r->watch < 0)
		return -1;
	/* A spool that lost its counter must not hand out numbers below the store's. */
	if (store_max_seq(r->q->store, &seq, err) < 0 || spool_raise(r->q->spool, seq, err) < 0)
		return -1;
	return restored_check(r->q, err) < 0 || targets_load(r->q, r->q->conf, err) < 0
		   ? -1
		   : intake_open(r->q, err);
}

static void turn(struct runner *r)
{
	struct queue *q = r->q;
	wait_and_read(r);
	for (size_t i = 0; i < targets_all(q); i++) {
		if (child_ended(&targets_at(q, i)->process.child))
			target_exited(q, targets_at(q, i));
	}
	keep_stopping(r);
}

int runner_loop(struct queue *q, struct err *err)
{
	struct runner r = {.q = q};
	bool trim = false;
	mallopt(M_ARENA_MAX, 1); /* the reader needs no arena of its own */
	if (prepare(&r, err) < 0)
		return -1;
	tell_ready(q, NULL);
	while (!q->stopping || !quiet(q)) {
		upkeep_step(q);
		rescan(&r);
		reload(&r);
		intake_step(q);
		for (size_t i = 0; i < targets_all(q); i++) {
			target_step(q, targets_at(q, i));
			compare_step(q, targets_at(q, i));
		}
		targets_sweep(q);
		/* After a burst, give the freed memory back to the system. */
		if (trim && !busy(q))
			malloc_trim(0);
		trim = busy(q);
		if (q->once && !q->stopping && all_done(q))
			stop(&r);
		else
			turn(&r);
	}
	int left = q->once && q->intake.since != 0;
	reload_drop(&r);
	intake_close(q);
	targets_free(q);
	close(r.signals);
	close(r.watch);
	if (q->taken_fd >= 0)
		close(q->taken_fd);
	return left;
}
