/* confirm_rows: does the DNS server answer what a database was made to hold?
 *
 * confirm_rows() waits (confirm.h) until the server answers as it should for every item whose
 * result is PUSH_OK: first the zone's SOA, then the RRsets that changed[] has for that item
 * (confirm_sets.c chooses among them).  An item for which it does not becomes PUSH_DEFER.  It
 * becomes PUSH_FAIL when the server keeps answering SERVFAIL to an RRset and answers the SOA as it
 * should.  A server that `remembers` is not asked about deleted zones: its answer would prove
 * nothing.  -1: the server does not answer at all (err); open items are then PUSH_UNDONE.
 */
#ifndef DDO_CONFIRM_ROWS_H
#define DDO_CONFIRM_ROWS_H

#include <stdbool.h>

#include "dns/dnsq.h"
#include "push/main.h"

struct confirm_rows {
	struct dnsq *dns;
	const char *server;   /* for messages */
	unsigned patience_s;  /* how long it may go on answering the old data */
	bool remembers;       /* it goes on answering from a cache after a zone is gone */
	const char *interval; /* what to set where a new zone comes too late, or NULL */
	/* May be NULL: makes the server drop its cache for these items, which it should have
	 * answered otherwise by now.  -1: it cannot be reached. */
	int (*nudge)(void *ctx, struct push_item *const *late, size_t count, struct err *err);
	void *ctx;
};

/* RRsets of one item's zone that were written. */
struct changed {
	const knot_rrset_t **list;
	size_t count, cap;
};

void changed_add(struct changed *c, const knot_rrset_t *set);
void changed_free(struct changed *c);

int confirm_rows(const struct confirm_rows *c, struct push_item *items,
    const struct changed *changed, size_t count, struct err *err);

#endif
