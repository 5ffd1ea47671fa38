/* targets: the list of targets.  A reload is the difference of two lists, in one transaction. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/msg.h"
#include "queue.h"
#include "restored.h"
#include "store/compare.h"
#include "target.h"

struct target *targets_find(const struct queue *q, const char *name)
{
	for (size_t i = 0; i < q->ntargets; i++) {
		if (strcmp(q->targets[i]->name, name) == 0)
			return q->targets[i];
	}
	return NULL;
}

size_t targets_all(const struct queue *q)
{
	return q->ntargets + q->nleaving;
}

struct target *targets_at(const struct queue *q, size_t i)
{
	return i < q->ntargets ? q->targets[i] : q->leaving[i - q->ntargets];
}

static void target_free(struct target *t)
{
	process_free(&t->process);
	compare_stop(&t->compare);
	batch_free(&t->batch);
	free(t->name);
	free(t);
}

static struct target *make(const char *name)
{
	struct target *t = mem_alloc(sizeof(*t));
	t->name = mem_dup(name);
	process_init(&t->process);
	compare_init(&t->compare);
	t->next_due = t->probe_at = INT64_MAX;
	t->look = true;
	return t;
}

/* Gives a target that is new, or returns, what was accepted in the meantime. */
static int sync_all(struct queue *q, const struct conf *conf, struct err *err)
{
	for (size_t i = 0; i < conf->ntargets; i++) {
		const char *name = conf->targets[i].name;
		size_t due = 0;
		if (!conf->targets[i].enabled || targets_find(q, name) != NULL)
			continue;
		if (store_sync_target(q->store, name, &due, err) < 0 ||
		    restored_join(q, name, err) < 0)
			return -1;
		if (due > 0)
			msg_info("%s: %zu zones differ from what it last confirmed", name, due);
	}
	return 0;
}

/* Under another configuration it may be another server, or hold nothing: it is to be compared. */
static int note_configuration(struct queue *q, const struct conf_target *t, struct err *err)
{
	char name[80], before[DIGEST_HEX_SIZE] = "", now[DIGEST_HEX_SIZE];
	struct buf b = {0};
	buf_addf(&b, "%s", t->program);
	for (size_t i = 0; i < t->noptions; i++)
		buf_addf(&b, "\n%s=%s", t->options[i].key,
		    t->options[i].value == NULL ? "" : t->options[i].value);
	digest_sha384(buf_str(&b), b.len, now);
	buf_free(&b);
	snprintf(name, sizeof(name), "configured.%s", t->name);
	int known = store_meta_get(q->store, name, before, sizeof(before), err);
	if (known < 0 || (known > 0 && strcmp(before, now) == 0))
		return known < 0 ? -1 : 0;
	if (known > 0 && store_set_compared(q->store, t->name, 0, "", err) < 0)
		return -1;
	return store_meta_set(q->store, name, now, err);
}

/* Whoever leaves the configuration is compared when it returns. */
static int note_all(struct queue *q, const struct conf *conf, struct err *err)
{
	struct buf names = {0};
	int r = 0;
	for (size_t i = 0; r == 0 && i < conf->ntargets; i++) {
		if (!conf->targets[i].enabled)
			continue;
		buf_addf(&names, "%s\"%s\"", names.len == 0 ? "[" : ",", conf->targets[i].name);
		r = note_configuration(q, &conf->targets[i], err);
	}
	buf_adds(&names, names.len == 0 ? "[]" : "]");
	if (r == 0)
		r = store_compared_only(q->store, buf_str(&names), err);
	buf_free(&names);
	return r;
}

static void leave(struct queue *q, struct target *t)
{
	struct err err;
	size_t held = 0;
	t->conf = NULL;
	q->leaving = mem_resize(q->leaving, q->nleaving + 1, sizeof(*q->leaving));
	q->leaving[q->nleaving++] = t;
	if (store_held(q->store, t->name, &held, &err) < 0)
		msg_error("%s", err.text);
	msg_info(
	    "%s: no longer configured: its deliveries stop, %zu zones stay there", t->name, held);
}

/* Idle probes never start all at once: each target has its place in the pause between two. */
static void spread_probes(struct target **list, size_t count, int64_t pause)
{
	int64_t now = clock_mono_ms();
	for (size_t i = 0; i < count; i++) {
		if (list[i]->probe_at <= now || list[i]->probe_at > now + pause)
			list[i]->probe_at = now + pause * (int64_t)(i + 1) / (int64_t)count;
	}
}

int targets_load(struct queue *q, const struct conf *conf, struct err *err)
{
	if (store_begin(q->store, err) < 0 || sync_all(q, conf, err) < 0 ||
	    note_all(q, conf, err) < 0 || store_commit(q->store, err) < 0) {
		store_rollback(q->store);
		return -1;
	}
	/* From here on nothing fails. */
	struct target **fresh = mem_alloc((conf->ntargets + 1) * sizeof(*fresh));
	size_t count = 0;
	for (size_t i = 0; i < conf->ntargets; i++) {
		if (!conf->targets[i].enabled)
			continue;
		struct target *t = targets_find(q, conf->targets[i].name);
		fresh[count] = t != NULL ? t : make(conf->targets[i].name);
		fresh[count]->conf = &conf->targets[i];
		compare_stop(&fresh[count]->compare); /* its configuration may have changed */
		fresh[count]->unprobed = false;
		fresh[count++]->look = true;
	}
	spread_probes(fresh, count, (int64_t)conf->probe_s * 1000);
	for (size_t i = 0; i < q->ntargets; i++) {
		const struct conf_target *ct = conf_find_target(conf, q->targets[i]->name);
		if (ct == NULL || !ct->enabled)
			leave(q, q->targets[i]);
	}
	free(q->targets);
	q->targets = fresh;
	q->ntargets = count;
	q->config++;
	return 0;
}

void targets_sweep(struct queue *q)
{
	for (size_t i = 0; i < q->nleaving;) {
		if (process_alive(&q->leaving[i]->process) || compare_busy(q->leaving[i])) {
			i++;
			continue;
		}
		target_free(q->leaving[i]);
		q->leaving[i] = q->leaving[--q->nleaving];
	}
}

void targets_free(struct queue *q)
{
	for (size_t i = 0; i < targets_all(q); i++)
		target_free(targets_at(q, i));
	free(q->targets);
	free(q->leaving);
	q->targets = q->leaving = NULL;
	q->ntargets = q->nleaving = 0;
}
