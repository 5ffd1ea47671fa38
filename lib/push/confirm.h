/* confirm: the loop in which every push program waits until a server answers as it should.
 *
 * Each round asks the server over DNS about all that is still open.  Between two rounds the loop
 * pauses, twice as long each time.  What is open, what an answer means and what happens when
 * answers stay away is up to the caller's hooks; the loop knows only questions and times.
 * confirm_wait() returns 0 when nothing is open any more, -1 when a hook did, or when no question
 * could be sent (err): then the server is gone.  All times are milliseconds.
 */
#ifndef DDO_CONFIRM_H
#define DDO_CONFIRM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "dns/dnsq.h"

#define CONFIRM_ASK_MS 2000 /* for the answers of one round */

struct confirm {
	struct dnsq *dns;
	int pause_most_ms;
	int nudge_ms;         /* nudge when the pause has grown to this */
	int64_t quiet_ms;     /* without progress: quiet(), once */
	int64_t patience_ms;  /* late(), and again after each further patience_ms */
	bool patience_renews; /* each confirmation starts quiet_ms and patience_ms anew */
	/* Writes a question for all that is open to `ask`, which has zeroed room for `room` of
	 * them.  Returns how many there are. */
	size_t (*ask)(void *ctx, struct dnsq_item *ask);
	size_t room;
	/* Takes the answers, in the order of the questions.  *open: the count of questions, to be
	 * changed to how many are left. */
	int (*take)(void *ctx, const struct dnsq_item *answers, size_t *open, struct err *err);
	/* These may be NULL, but for late(), which has to end the waiting some time.  It gets the
	 * time since the start, or since the last confirmation where patience_renews. */
	int (*nudge)(void *ctx, struct err *err);
	int (*quiet)(void *ctx, struct err *err);
	int (*late)(void *ctx, int64_t waited_ms, struct err *err);
	void *ctx; /* for the hooks */
};

int confirm_wait(const struct confirm *c, struct err *err);
/* One round, without a pause.  *asked questions, *open of them are left.  For hooks, too. */
int confirm_look(const struct confirm *c, size_t *asked, size_t *open, struct err *err);

#endif
