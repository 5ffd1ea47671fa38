#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"
#include "msg.h"
#include "queue.h"

#define INTAKE_RETRY_MS 1000

struct runner {
	struct queue *q;
	int signals, watch;
	bool look_spool;     /* the spool may hold jobs */
	int64_t next_rescan; /* monotonic ms */
	int64_t next_intake; /* after trouble: not before */
	bool intake_sick;
	int64_t stop_at; /* monotonic ms: when grace ends */
	int stop_round;
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

static void reload(struct queue *q)
{
	struct conf *fresh;
	struct err err;
	if (conf_load(&fresh, q->conf->file, &err) < 0) {
		msg_error("the old configuration stays: %s", err.text);
		return;
	}
	if (strcmp(fresh->spool_dir, q->conf->spool_dir) != 0 ||
	    strcmp(fresh->db_path, q->conf->db_path) != 0)
		msg_warn("queue_location and db_location change only with a restart");
	struct conf *old = q->conf;
	q->conf = fresh;
	if (targets_load(q, &err) < 0)
		msg_error("%s", err.text);
	for (size_t i = 0; i < q->ntargets; i++) {
		size_t held = 0;
		if (!q->targets[i]->removed)
			continue;
		if (store_held(q->store, q->targets[i]->name, &held, &err) < 0)
			msg_error("%s", err.text);
		msg_info("%s: no longer configured: its deliveries stop, %zu zones stay there",
		    q->targets[i]->name, held);
	}
	conf_free(old);
	msg_info("configuration read anew: %zu targets", q->ntargets);
}

static void stop(struct runner *r)
{
	if (r->q->stopping)
		return;
	r->q->stopping = true;
	r->stop_at = clock_mono_ms() + (int64_t)r->q->conf->stop_s * 1000;
	if (!r->q->once)
		msg_info("stopping");
}

static void on_signals(struct runner *r)
{
	struct signalfd_siginfo info;
	while (read(r->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP && !r->q->stopping)
			reload(r->q);
		else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			stop(r);
	}
}

static void on_watch(struct runner *r)
{
	char events[4096];
	while (read(r->watch, events, sizeof(events)) > 0)
		r->look_spool = true;
}

static void intake(struct runner *r)
{
	struct err err;
	int64_t now = clock_mono_ms();
	if (r->q->stopping || now < r->next_intake)
		return;
	if (now >= r->next_rescan) {
		/* The watch is a hint, this is the truth. */
		r->look_spool = true;
		r->next_rescan = now + (int64_t)r->q->conf->rescan_s * 1000;
		if (store_clamp(r->q->store, clock_wall_s(),
			r->q->conf->retry_s[r->q->conf->nretry - 1], &err) < 0)
			msg_error("%s", err.text);
	}
	if (!r->look_spool)
		return;
	int got = intake_step(r->q, &err);
	if (got < 0) {
		if (!r->intake_sick)
			msg_error(
			    "cannot take jobs into the store, will go on trying: %s", err.text);
		r->next_intake = now + INTAKE_RETRY_MS;
	}
	if (got >= 0 && r->intake_sick)
		msg_info("jobs are taken again");
	r->intake_sick = got < 0;
	r->look_spool = got != 0;
}

/* Drops targets that are no longer configured and have nothing under way. */
static void sweep(struct queue *q)
{
	for (size_t i = 0; i < q->ntargets;) {
		struct target *t = q->targets[i];
		if (!t->removed || t->child.pid > 0 || t->activity != IDLE) {
			i++;
			continue;
		}
		target_free(t);
		q->targets[i] = q->targets[--q->ntargets];
	}
}

static int wait_ms(const struct runner *r)
{
	int64_t when = r->q->stopping ? r->stop_at : r->next_rescan;
	if (r->look_spool && !r->q->stopping)
		when = r->next_intake;
	for (size_t i = 0; i < r->q->ntargets; i++) {
		int64_t wake = target_wakeup(r->q, r->q->targets[i]);
		if (wake < when)
			when = wake;
	}
	int64_t ms = when - clock_mono_ms();
	return ms < 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
}

static void wait_and_read(struct runner *r)
{
	struct queue *q = r->q;
	size_t n = 2 + 3 * q->ntargets;
	struct pollfd *p = mem_alloc(n * sizeof(*p));
	p[0] = (struct pollfd){.fd = r->signals, .events = POLLIN};
	p[1] = (struct pollfd){.fd = r->watch, .events = POLLIN};
	for (size_t i = 0; i < q->ntargets; i++) {
		const struct target *t = q->targets[i];
		bool sending = t->to_child.len > 0;
		p[2 + 3 * i] = (struct pollfd){.fd = sending ? t->child.in : -1, .events = POLLOUT};
		p[3 + 3 * i] = (struct pollfd){.fd = t->child.out, .events = POLLIN};
		p[4 + 3 * i] = (struct pollfd){.fd = t->child.errout, .events = POLLIN};
	}
	if (poll(p, n, wait_ms(r)) > 0) {
		if (p[1].revents != 0)
			on_watch(r);
		for (size_t i = 0; i < q->ntargets; i++) {
			struct target *t = q->targets[i];
			if (p[2 + 3 * i].revents != 0)
				feed_write(t);
			if ((p[3 + 3 * i].revents | p[4 + 3 * i].revents) != 0)
				feed_read(q, t);
		}
		/* Last: a reload changes q->targets. */
		if (p[0].revents != 0)
			on_signals(r);
	}
	free(p);
}

static bool quiet(const struct queue *q)
{
	for (size_t i = 0; i < q->ntargets; i++) {
		if (q->targets[i]->child.pid > 0 || q->targets[i]->activity != IDLE)
			return false;
	}
	return true;
}

/* ddo-queue -1: nothing in the spool, nothing due now, nothing under way. */
static bool all_done(const struct runner *r)
{
	int64_t now = clock_wall_s();
	if (r->look_spool)
		return r->intake_sick;
	for (size_t i = 0; i < r->q->ntargets; i++) {
		const struct target *t = r->q->targets[i];
		int64_t due = t->health.down ? t->health.next_probe : t->look ? 0 : t->next_due;
		if (t->activity == BATCH || t->activity == PROBE || due <= now)
			return r->q->store_sick;
	}
	return true;
}

static void keep_stopping(struct runner *r)
{
	if (!r->q->stopping || clock_mono_ms() < r->stop_at)
		return;
	for (size_t i = 0; i < r->q->ntargets; i++)
		child_kill(&r->q->targets[i]->child, r->stop_round == 0 ? SIGTERM : SIGKILL);
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
	return targets_load(r->q, err);
}

int runner_run(struct queue *q, struct err *err)
{
	struct runner r = {.q = q, .look_spool = true};
	if (prepare(&r, err) < 0)
		return -1;
	bool trim = false;
	while (!q->stopping || !quiet(q)) {
		upkeep_step(q);
		intake(&r);
		for (size_t i = 0; i < q->ntargets; i++)
			target_step(q, q->targets[i]);
		sweep(q);
		bool busy = r.look_spool;
		for (size_t i = 0; i < q->ntargets; i++)
			busy = busy || target_busy(q->targets[i]);
		/* After a burst the freed memory goes back to the system. */
		if (trim && !busy)
			malloc_trim(0);
		trim = busy;
		if (q->once && !q->stopping && all_done(&r)) {
			stop(&r);
			continue;
		}
		wait_and_read(&r);
		for (size_t i = 0; i < q->ntargets; i++) {
			if (child_ended(&q->targets[i]->child))
				target_exited(q, q->targets[i]);
		}
		keep_stopping(&r);
	}
	for (size_t i = 0; i < q->ntargets; i++)
		target_free(q->targets[i]);
	free(q->targets);
	q->targets = NULL;
	q->ntargets = 0;
	intake_free(&q->intake);
	close(r.signals);
	close(r.watch);
	return 0;
}
