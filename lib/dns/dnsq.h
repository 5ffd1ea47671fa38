/* dnsq: asks one DNS server many questions at once: for SOA serials or RRsets.
 *
 * dnsq_open(), perhaps dnsq_without_aa() or dnsq_resolver(), any number of dnsq_ask(),
 * dnsq_close(). dnsq sends UDP queries over one connected socket, many at a time, and matches
 * answers by id and question (RFC 5452).  It repeats lost queries, and asks over TCP when an answer
 * is truncated. Queries are non-recursive (RD clear), so the server must answer from its own
 * authority.  The server is "ADDR", "ADDR:PORT", "[ADDR6]:PORT" or "ADDR@PORT"; default: port 53.
 * Functions return 0, or -1 and a reason in err.
 */
#ifndef DDO_DNSQ_H
#define DDO_DNSQ_H

#include <libknot/libknot.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum dnsq_state {
	DNSQ_NOANSWER,  /* no answer within the time */
	DNSQ_SERVED,    /* an authoritative answer with an SOA at that name; serial is valid */
	DNSQ_NOTSERVED, /* REFUSED, NOTAUTH, NXDOMAIN, or an answer or referral without that SOA;
			   an answer with another RRset */
	DNSQ_BROKEN     /* SERVFAIL and the like: the server has the zone but no data */
};

struct dnsq_item {
	const char *zone; /* normal name; the caller keeps it */
	/* If not NULL, dnsq asks for this RRset (canonical, sorted, as zone_parse() makes it)
	 * instead of the SOA.  SERVED then means that the answer has exactly its rdata. */
	const knot_rrset_t *set;
	enum dnsq_state state;
	uint32_t serial;
	int rcode; /* of the last answer; -1: none */
	/* dnsq_resolver(): gets the names in the answer's NS records, lower case, no trailing dot,
	 * one a line.  May be NULL. */
	struct buf *ns;
};

struct dnsq;

/* Keeps the pointer `server`, does not copy it. */
int dnsq_open(struct dnsq **out, const char *server, struct err *err);
void dnsq_close(struct dnsq *q);
/* For servers that never set AA (CoreDNS plugins): accepts any answer with that SOA. */
void dnsq_without_aa(struct dnsq *q);

/* The host of an NS record: lower case, no trailing dot; "": not a host name. */
void dnsq_host(const knot_rdata_t *ns, char out[KNOT_DNAME_TXT_MAXLEN + 1]);

/* For a resolver: asks for NS records, recursively and with more patience.  SERVED means that there
 * are some; serial is not set. */
void dnsq_resolver(struct dnsq *q);

/* Asks for every item and fills in state, serial and rcode.  Returns when all are answered or after
 * timeout_ms.  -1 only if nothing could be sent. */
int dnsq_ask(
    struct dnsq *q, struct dnsq_item *items, size_t count, int timeout_ms, struct err *err);

#endif
