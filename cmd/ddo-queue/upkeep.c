/* upkeep: cleans and prunes, at the start and once an hour. */
#include "base/clock.h"
#include "base/msg.h"
#include "queue.h"
#include "store/archive.h"

#define INTERVAL_MS (3600 * 1000LL)
#define TMP_AGE_S 3600 /* no writer takes so long: it died */

void upkeep_step(struct queue *q)
{
	struct err err;
	int64_t now = clock_mono_ms(), days = q->conf->reconcile.archive_days;
	if (now < q->next_upkeep)
		return;
	q->next_upkeep = now + INTERVAL_MS;
	if (spool_clean(q->spool, TMP_AGE_S, &err) < 0)
		msg_error("%s", err.text);
	if (days > 0 && store_archive_prune(q->store, clock_wall_s() - days * 86400, &err) < 0)
		msg_error("cannot prune the archive: %s", err.text);
}
