/* confirm: the loop that asks a server until it answers as it should. */
#include "push/confirm.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

int confirm_look(const struct confirm *c, size_t *asked, size_t *open, struct err *err)
{
	struct dnsq_item *ask = mem_alloc((c->room + 1) * sizeof(*ask));
	*open = *asked = c->ask(c->ctx, ask);
	int r = *asked == 0 ? 0 : dnsq_ask(c->dns, ask, *asked, CONFIRM_ASK_MS, err);
	if (r == 0 && *asked > 0)
		r = c->take(c->ctx, ask, open, err);
	free(ask);
	return r;
}

int confirm_wait(const struct confirm *c, struct err *err)
{
	int64_t since = clock_mono_ms(), patience = c->patience_ms;
	int pause = 1;
	bool was_quiet = c->quiet == NULL;
	for (;;) {
		size_t asked, open;
		if (confirm_look(c, &asked, &open, err) < 0)
			return -1;
		if (open == 0)
			return 0;
		int64_t now = clock_mono_ms();
		if (c->patience_renews && open < asked) {
			since = now;
			patience = c->patience_ms;
			pause = 1;
		}
		if (!was_quiet && now - since >= c->quiet_ms) {
			was_quiet = true;
			if (c->quiet(c->ctx, err) < 0)
				return -1;
			continue;
		}
		if (now - since >= patience) {
			patience += c->patience_ms;
			if (c->late(c->ctx, now - since, err) < 0)
				return -1;
			continue;
		}
		if (c->nudge != NULL && pause >= c->nudge_ms && c->nudge(c->ctx, err) < 0)
			return -1;
		clock_sleep_ms(pause);
		pause = pause < c->pause_most_ms ? pause * 2 : c->pause_most_ms;
	}
}
