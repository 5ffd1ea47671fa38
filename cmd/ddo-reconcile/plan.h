/* plan: what a run is to do, as actions, and what it found, as their counts.
 *
 * plan_add() adds an action, plan_change() and plan_drop() change its kind or take it out: the
 * counts follow, and nothing else changes them.  The pointer of plan_add() holds until the next
 * one.  plan_sort() removes what was dropped and brings the rest into the order of printing.
 *
 * A printed action is one line: what, zone, where, why, with TABs between them, or with --json one
 * object with these four keys.  `zone` and `where` are not copied, and a reason is printable UTF-8.
 */
#ifndef DDO_RECONCILE_PLAN_H
#define DDO_RECONCILE_PLAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum action_kind { /* in the order of printing, of one zone */
	ACT_UNPROVEN,
	ACT_UNCOMPARED,
	ACT_PULL,
	ACT_CHECK, /* perhaps a pull: its text tells; never printed */
	ACT_CLAIM,
	ACT_MIGRATE,
	ACT_ORPHAN,
	ACT_DELETE,
	ACT_CONFLICT,
	ACT_PUSH,
	ACT_GHOST,
	ACT_FOREIGN,
	ACT_WATCH,
	ACT_PENDING,
	ACT_REFUSED,
	ACT_BRAKE,
	ACT_HELD,
	ACT_FAILED,
	ACTION_KINDS
};

struct row;
struct server;
struct target;

struct action {
	enum action_kind kind;
	const char *zone; /* "-": none */
	const char *where;
	const struct row *row; /* NULL: the store never heard of it */
	struct server *server; /* of these two what the kind needs */
	struct target *target;
	char *reason;     /* owned */
	uint64_t cleared; /* of the orphan's mark */
	bool dropped;
};

struct plan {
	bool json;
	bool whole; /* print all of it, not only the first of each kind */
	size_t printed[ACTION_KINDS];
	struct action *actions;
	size_t nactions, cap;
	size_t counts[ACTION_KINDS];
	size_t pulled; /* texts that were enqueued */
	size_t strays; /* zones whose owner is not configured */
};

struct action *plan_add(struct plan *p, enum action_kind kind, const char *zone, const char *where,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void plan_change(struct plan *p, struct action *a, enum action_kind kind);
void plan_drop(struct plan *p, struct action *a);
void plan_reason(struct action *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void plan_pulled(struct plan *p);
void plan_stray(struct plan *p);
size_t plan_count(const struct plan *p, enum action_kind kind);
size_t plan_count_of(const struct plan *p, enum action_kind kind, const struct server *s);

const char *plan_word(enum action_kind kind);
json_t *plan_json(const struct action *a); /* {zone, where, why}; for json_decref() */
void plan_sort(struct plan *p);
void plan_print(struct plan *p, const struct action *a);
void plan_print_all(struct plan *p);
void plan_print_rest(const struct plan *p); /* how many it left out; the last of all */
bool plan_written(void);                    /* all of it is out */

/* The exit status of a run that came to its end. */
#define EXIT_IN_SYNC 0
#define EXIT_DIFFERENCES 1
#define EXIT_BRAKE 2
int plan_status(const struct plan *p);

#endif
