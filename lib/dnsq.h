/* dnsq: asks one DNS server for SOA serials, many zones at once.
 *
 * UDP over one connected socket, queries pipelined, answers matched by id and question (RFC 5452),
 * sent again when they are lost, TCP when truncated.  Non-recursive (RD clear): the server must
 * answer from its own authority.  The server is "ADDR", "ADDR:PORT", "[ADDR6]:PORT" or "ADDR@PORT",
 * port 53 unless given.
 */
#ifndef DDO_DNSQ_H
#define DDO_DNSQ_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum dnsq_state {
	DNSQ_NOANSWER,  /* nothing came within the time */
	DNSQ_SERVED,    /* authoritative answer with an SOA at that very name; serial is valid */
	DNSQ_NOTSERVED, /* REFUSED, NOTAUTH, NXDOMAIN, or an answer or referral without that zone's
			   SOA */
	DNSQ_BROKEN     /* SERVFAIL and the like: the server has the zone but no data */
};

struct dnsq_item {
	const char *zone; /* normal name, kept by the caller */
	enum dnsq_state state;
	uint32_t serial;
	int rcode; /* of the last answer, -1 none */
};

struct dnsq;

/* `server` is kept, not copied. */
int dnsq_open(struct dnsq **out, const char *server, struct err *err);
void dnsq_close(struct dnsq *q);
/* For servers that never set AA (CoreDNS plugins): any answer with that SOA counts. */
void dnsq_without_aa(struct dnsq *q);

/* Asks for every item and fills in state, serial, rcode; returns when all are answered or after
 * timeout_ms.  -1 only when nothing could be sent at all (err). */
int dnsq_soa(
    struct dnsq *q, struct dnsq_item *items, size_t count, int timeout_ms, struct err *err);

#endif
