/* dnsq: asks one DNS server for SOA serials or for RRsets, or a resolver for name servers, many
 * questions at once.
 *
 * UDP over one connected socket, queries pipelined, answers matched by id and question (RFC 5452),
 * sent again when they are lost, TCP when truncated.  Non-recursive (RD clear): the server must
 * answer from its own authority.  The server is "ADDR", "ADDR:PORT", "[ADDR6]:PORT" or "ADDR@PORT",
 * port 53 unless given.
 */
#ifndef DDO_DNSQ_H
#define DDO_DNSQ_H

#include <libknot/libknot.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum dnsq_state {
	DNSQ_NOANSWER,  /* nothing came within the time */
	DNSQ_SERVED,    /* authoritative answer with an SOA at that very name; serial is valid */
	DNSQ_NOTSERVED, /* REFUSED, NOTAUTH, NXDOMAIN, or an answer or referral without that zone's
			   SOA; an answer with another RRset */
	DNSQ_BROKEN     /* SERVFAIL and the like: the server has the zone but no data */
};

struct dnsq_item {
	const char *zone; /* normal name, kept by the caller */
	/* Not NULL: asked is for this RRset (canonical, sorted, as zone_parse() makes them) instead
	 * of the zone's SOA; SERVED means that the answer holds just its rdata. */
	const knot_rrset_t *set;
	enum dnsq_state state;
	uint32_t serial;
	int rcode;      /* of the last answer, -1 none */
	struct buf *ns; /* dnsq_resolver(): gets the names of the answer's NS records, lower case,
			   no trailing dot, a line each; may be NULL */
};

struct dnsq;

/* `server` is kept, not copied. */
int dnsq_open(struct dnsq **out, const char *server, struct err *err);
void dnsq_close(struct dnsq *q);
/* For servers that never set AA (CoreDNS plugins): any answer with that SOA counts. */
void dnsq_without_aa(struct dnsq *q);

/* The host of an NS record: lower case, no trailing dot; "" when it is none. */
void dnsq_host(const knot_rdata_t *ns, char out[KNOT_DNAME_TXT_MAXLEN + 1]);

/* The server is a resolver: it is asked for NS records, recursively and with more patience; SERVED
 * means that there are some (serial is none). */
void dnsq_resolver(struct dnsq *q);

/* Asks for every item and fills in state, serial, rcode; returns when all are answered or after
 * timeout_ms.  -1 only when nothing could be sent at all (err). */
int dnsq_ask(
    struct dnsq *q, struct dnsq_item *items, size_t count, int timeout_ms, struct err *err);
/* The same, of zones. */
int dnsq_soa(
    struct dnsq *q, struct dnsq_item *items, size_t count, int timeout_ms, struct err *err);

#endif
