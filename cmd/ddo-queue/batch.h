/* batch: the deliveries that a push program was sent together, and its answers.
 *
 * batch_fill() takes what is due from the store, batch_send() hands it to the process, batch_line()
 * takes each answer.  batch_end() stores the results in one transaction, then batch_free().  The
 * batch ends when all is answered, when the target says that it is down, or with `trouble`: why the
 * push program broke off.  If the store fails, queue_sick() is told, and all stays due.
 */
#ifndef DDO_QUEUE_BATCH_H
#define DDO_QUEUE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct queue;
struct target;

enum outcome { UNANSWERED, ANSWER_OK, ANSWER_FAIL, ANSWER_DEFER };

struct item {
	enum outcome outcome;
	char *reason;
};

struct batch {
	struct delivery *deliveries;
	struct item *items;
	size_t count, answered; /* count 0: none is under way */
	size_t failed;          /* refused, deferred or parked: counted when it ends */
	int64_t started;        /* monotonic ms */
	int64_t patience_ms;    /* between two answers */
	char down[512];         /* the target's word that it is down; "": none */
	bool gone;              /* the server was there when it was told, and is gone since */
};

bool batch_fill(struct queue *q, struct target *t); /* false: nothing is due */
void batch_send(struct target *t);
void batch_line(struct target *t, char *line);
/* `trouble` NULL: all is answered, or the target is down. */
void batch_end(struct queue *q, struct target *t, const char *trouble);
void batch_free(struct batch *b);

#endif
