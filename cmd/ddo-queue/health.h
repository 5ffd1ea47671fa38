/* health: is a target up or down, when is it probed, and can the store be written.
 *
 * Events come in: health_down(), health_up(), health_good().  The store's row of the target holds
 * all that follows from them, so nothing here needs a copy.  If the store cannot be written, for
 * example because the disk is full, queue_sick() stops batches and probes for some seconds; nothing
 * is lost, because all of it is still due.
 */
#ifndef DDO_QUEUE_HEALTH_H
#define DDO_QUEUE_HEALTH_H

#include <stdbool.h>

#include "base/err.h"
#include "store/delivery.h"

struct queue;
struct target;

bool health_get(struct queue *q, const struct target *t, struct store_target *h);
void health_down(struct queue *q, struct target *t, const char *reason);
void health_up(struct queue *q, struct target *t, const char *words); /* a probe succeeded */
void health_good(struct queue *q, struct target *t); /* a batch got an answer about a zone */
int health_probe_now(struct queue *q, const struct target *t, struct err *err);

void queue_sick(struct queue *q, const char *why); /* the store cannot be written */
bool queue_is_sick(const struct queue *q);

#endif
