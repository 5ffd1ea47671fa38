/* confirm: does the DNS server answer what a database was made to hold? */
#ifndef DDO_CONFIRM_H
#define DDO_CONFIRM_H

#include <stdbool.h>

#include "dns/dnsq.h"
#include "push/main.h"

struct confirm {
	struct dnsq *dns;
	const char *server;  /* for words */
	unsigned patience_s; /* how long it may go on with what it had */
	bool remembers;      /* it answers what it once answered when that is gone */
	/* May be NULL: makes the server forget what it knows of these, which it should have
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

/* Waits until the server answers as it should for every item whose result is PUSH_OK: the zone's
 * SOA, and then the RRsets of it that changed[] has for that item (confirm_sets.c: which of them).
 * Those for which it does not become PUSH_DEFER, or PUSH_FAIL when it answers SERVFAIL to an RRset,
 * steadily, and the SOA as it should.  Where it `remembers`, deleted zones are not asked about: the
 * question would tell nothing.  -1: it does not answer at all, and they are PUSH_UNDONE. */
int confirm(const struct confirm *c, struct push_item *items, const struct changed *changed,
    size_t count, struct err *err);

#endif
