/* dnsq: many questions to one DNS server, over UDP and TCP. */
#include "dns/dnsq.h"

#include <errno.h>
#include <fcntl.h>
#include <libknot/libknot.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/mem.h"
#include "dns/name.h"

#define WINDOW 128    /* queries under way at once */
#define RESEND_MS 100 /* a query or its answer was lost */
#define RESOLVER_RESEND_MS 2000
#define RESOLVER_TCP_MS 5000
#define UDP_TRIES 4 /* then TCP: a rate limiter drops UDP only */
#define WIRE_MAX 65535
#define NOBODY UINT32_MAX

struct dnsq {
	const char *server; /* for messages */
	struct sockaddr_storage addr;
	socklen_t addr_len;
	int fd;
	uint16_t next_id;
	bool without_aa;
	bool resolver;
	uint16_t qtype;
	int resend_ms, tcp_ms;
	uint32_t by_id[65536]; /* index of the item that waits for this id, or NOBODY */
	uint8_t wire[WIRE_MAX];
};

struct state { /* of one item during dnsq_ask() */
	uint16_t id;
	unsigned tries;
	int64_t sent; /* monotonic ms */
	bool answered, tcp;
};

int dnsq_open(struct dnsq **out, const char *server, struct err *err)
{
	struct dnsq *q = mem_alloc(sizeof(*q));
	memset(q->by_id, 0xff, sizeof(q->by_id));
	q->fd = -1;
	q->qtype = KNOT_RRTYPE_SOA;
	q->resend_ms = RESEND_MS;
	q->tcp_ms = 500;
	q->server = server;
	if (addr_parse(server, 53, &q->addr, &q->addr_len) < 0) {
		free(q);
		return err_set(
		    err, "server: %s is not ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT", server);
	}
	if (getrandom(&q->next_id, sizeof(q->next_id), 0) != sizeof(q->next_id))
		q->next_id = (uint16_t)clock_wall_us();
	q->fd = socket(q->addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (q->fd < 0 || connect(q->fd, (struct sockaddr *)&q->addr, q->addr_len) < 0) {
		err_sys(err, "server %s", server);
		dnsq_close(q);
		return -1;
	}
	int room = 1 << 20;
	setsockopt(q->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	*out = q;
	return 0;
}

void dnsq_close(struct dnsq *q)
{
	if (q != NULL && q->fd >= 0)
		close(q->fd);
	free(q);
}

void dnsq_without_aa(struct dnsq *q)
{
	q->without_aa = true;
}

void dnsq_resolver(struct dnsq *q)
{
	q->resolver = q->without_aa = true;
	q->qtype = KNOT_RRTYPE_NS;
	q->resend_ms = RESOLVER_RESEND_MS;
	q->tcp_ms = RESOLVER_TCP_MS;
}

/* The item's question; false: its zone is not a name. */
static bool question_of(
    const struct dnsq *q, const struct dnsq_item *item, knot_dname_t *name, uint16_t *type)
{
	char text[NAME_SIZE + 1];
	*type = item->set != NULL ? item->set->type : q->qtype;
	if (item->set != NULL)
		return knot_dname_store(name, item->set->owner) > 0;
	snprintf(text, sizeof(text), "%s.", item->zone);
	return knot_dname_from_str(name, text, sizeof(knot_dname_storage_t)) != NULL;
}

/* RFC 6891: allows answers above 512 octets that still fit in one packet on any network. */
static void add_edns(knot_pkt_t *pkt)
{
	static const uint8_t opt[11] = {0, 0, KNOT_RRTYPE_OPT, 1232 >> 8, 1232 & 0xff};
	memcpy(pkt->wire + pkt->size, opt, sizeof(opt));
	pkt->size += sizeof(opt);
	knot_wire_set_arcount(pkt->wire, 1);
}

/* Puts the item's query into q->wire; its length. */
static size_t make_query(struct dnsq *q, const struct dnsq_item *item, uint16_t id)
{
	knot_dname_storage_t name = {0};
	uint16_t type;
	memset(q->wire, 0, KNOT_WIRE_HEADER_SIZE); /* the last answer's flags and counts */
	knot_pkt_t *pkt = knot_pkt_new(q->wire, 512, NULL);
	size_t len = 0;
	if (pkt != NULL && question_of(q, item, name, &type)) {
		knot_wire_set_id(pkt->wire, id);
		if (q->resolver)
			knot_wire_set_rd(pkt->wire);
		if (knot_pkt_put_question(pkt, name, KNOT_CLASS_IN, type) == KNOT_EOK) {
			if (item->set != NULL)
				add_edns(pkt);
			len = pkt->size;
		}
	}
	knot_pkt_free(pkt);
	return len;
}

void dnsq_host(const knot_rdata_t *ns, char out[KNOT_DNAME_TXT_MAXLEN + 1])
{
	knot_dname_storage_t name;
	out[0] = '\0';
	if (knot_dname_store(name, knot_ns_name(ns)) == 0)
		return;
	knot_dname_to_lower(name);
	if (knot_dname_to_str(out, name, KNOT_DNAME_TXT_MAXLEN + 1) == NULL || out[0] == '\0')
		out[0] = '\0';
	else
		out[strlen(out) - 1] = '\0';
}

static void add_ns(const knot_rrset_t *set, struct buf *out)
{
	const knot_rdata_t *rr = set->rrs.rdata;
	for (uint16_t i = 0; i < set->rrs.count; i++) {
		char host[KNOT_DNAME_TXT_MAXLEN + 1];
		dnsq_host(rr, host);
		buf_addf(out, "%s\n", host);
		rr = knot_rdataset_next((knot_rdata_t *)rr);
	}
}

static void judge(const struct dnsq *q, const knot_pkt_t *pkt, struct dnsq_item *item)
{
	const knot_pktsection_t *answer = knot_pkt_section(pkt, KNOT_ANSWER);
	item->rcode = knot_wire_get_rcode(pkt->wire);
	item->state = item->rcode == KNOT_RCODE_SERVFAIL ? DNSQ_BROKEN : DNSQ_NOTSERVED;
	bool counts = item->rcode == 0 && (q->without_aa || knot_wire_get_aa(pkt->wire));
	for (uint16_t i = 0; counts && i < answer->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(answer, i);
		if (rr->type != q->qtype || !knot_dname_is_equal(rr->owner, knot_pkt_qname(pkt)))
			continue;
		item->state = DNSQ_SERVED;
		if (q->qtype == KNOT_RRTYPE_SOA) {
			item->serial = knot_soa_serial(rr->rrs.rdata);
			return;
		}
		if (item->ns != NULL)
			add_ns(rr, item->ns);
	}
}

static int compare_rdata(const void *va, const void *vb)
{
	const knot_rdata_t *a = *(const knot_rdata_t *const *)va;
	const knot_rdata_t *b = *(const knot_rdata_t *const *)vb;
	return knot_rdata_cmp(a, b);
}

/* Is the list exactly the set?  It is canonical, in any order, and may have duplicates. */
static bool is_set(const knot_rdata_t **list, size_t count, const knot_rrset_t *set)
{
	knot_rdata_t *want = set->rrs.rdata;
	size_t i = 0;
	qsort(list, count, sizeof(*list), compare_rdata);
	for (uint16_t k = 0; k < set->rrs.count; k++, want = knot_rdataset_next(want)) {
		size_t first = i;
		while (i < count && knot_rdata_cmp(list[i], want) == 0)
			i++;
		if (i == first)
			return false;
	}
	return i == count;
}

/* AA does not matter here: a DS at a delegation has it, and CoreDNS's plugin never sets it. */
static void judge_set(knot_pkt_t *pkt, struct dnsq_item *item)
{
	const knot_pktsection_t *answer = knot_pkt_section(pkt, KNOT_ANSWER);
	const knot_rdata_t **list = mem_alloc((answer->count + 1U) * sizeof(*list));
	size_t count = 0;
	item->rcode = knot_wire_get_rcode(pkt->wire);
	for (uint16_t i = 0; i < answer->count; i++) {
		/* This function owns the packet and may change it. */
		knot_rrset_t *rr = (knot_rrset_t *)(uintptr_t)knot_pkt_rr(answer, i);
		if (rr->type == item->set->type &&
		    knot_dname_is_case_equal(rr->owner, item->set->owner) &&
		    knot_rrset_rr_to_canonical(rr) == KNOT_EOK)
			list[count++] = rr->rrs.rdata;
	}
	if (item->rcode == KNOT_RCODE_SERVFAIL)
		item->state = DNSQ_BROKEN;
	else
		item->state = item->rcode == 0 && is_set(list, count, item->set) ? DNSQ_SERVED
										 : DNSQ_NOTSERVED;
	free(list);
}

/* Takes the answer in q->wire.  1: it answers the item, 2: but is truncated, 0: it does not. */
static int take_answer(struct dnsq *q, size_t len, struct dnsq_item *item)
{
	knot_dname_storage_t name = {0};
	uint16_t type;
	knot_pkt_t *pkt = knot_pkt_new(q->wire, (uint16_t)len, NULL);
	if (pkt == NULL)
		return 0;
	int r = 0;
	if (knot_pkt_parse(pkt, 0) == KNOT_EOK && knot_wire_get_qr(pkt->wire) &&
	    question_of(q, item, name, &type) && knot_pkt_qtype(pkt) == type &&
	    knot_pkt_qclass(pkt) == KNOT_CLASS_IN &&
	    knot_dname_is_case_equal(knot_pkt_qname(pkt), name)) {
		if (item->ns != NULL)
			buf_reset(item->ns);
		if (item->set != NULL)
			judge_set(pkt, item);
		else
			judge(q, pkt, item);
		bool cut = knot_wire_get_tc(pkt->wire);
		r = cut && (q->resolver || item->state != DNSQ_SERVED) ? 2 : 1;
	}
	knot_pkt_free(pkt);
	return r;
}

static bool wait_fd(int fd, short events, int64_t until)
{
	int64_t left = until - clock_mono_ms();
	struct pollfd p = {.fd = fd, .events = events};
	return left > 0 && poll(&p, 1, (int)left) > 0;
}

static bool transfer(int fd, void *data, size_t len, bool out, int64_t until)
{
	for (uint8_t *p = data; len > 0;) {
		if (!wait_fd(fd, out ? POLLOUT : POLLIN, until))
			return false;
		ssize_t n = out ? send(fd, p, len, MSG_NOSIGNAL) : recv(fd, p, len, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static bool ask_tcp(struct dnsq *q, struct dnsq_item *item, int64_t until)
{
	int fd = socket(q->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	uint8_t len[2];
	bool good =
	    connect(fd, (struct sockaddr *)&q->addr, q->addr_len) == 0 || errno == EINPROGRESS;
	size_t size = make_query(q, item, q->next_id++);
	knot_wire_write_u16(len, (uint16_t)size);
	good = good && size > 0 && transfer(fd, len, 2, true, until) &&
	       transfer(fd, q->wire, size, true, until) && transfer(fd, len, 2, false, until);
	size = knot_wire_read_u16(len);
	good = good && transfer(fd, q->wire, size, false, until) && take_answer(q, size, item) == 1;
	close(fd);
	return good;
}

static void forget_id(struct dnsq *q, const struct state *s, uint32_t index)
{
	if (q->by_id[s->id] == index)
		q->by_id[s->id] = NOBODY;
}

static int send_udp(struct dnsq *q, struct dnsq_item *item, struct state *s, uint32_t index)
{
	forget_id(q, s, index);
	while (q->by_id[q->next_id] != NOBODY)
		q->next_id++;
	s->id = q->next_id++;
	s->sent = clock_mono_ms();
	s->tries++;
	q->by_id[s->id] = index;
	size_t len = make_query(q, item, s->id);
	return send(q->fd, q->wire, len, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* Takes the answers that have arrived. */
static void receive(
    struct dnsq *q, struct dnsq_item *items, struct state *st, size_t *open, int *fault)
{
	for (;;) {
		ssize_t n = recv(q->fd, q->wire, sizeof(q->wire), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (errno != EAGAIN)
				*fault = errno;
			return;
		}
		if (n < 12)
			continue;
		uint32_t index = q->by_id[knot_wire_get_id(q->wire)];
		if (index == NOBODY)
			continue;
		int r = take_answer(q, (size_t)n, &items[index]);
		if (r == 0)
			continue;
		forget_id(q, &st[index], index);
		st[index].tcp = r == 2;
		st[index].answered = r == 1;
		*open -= r == 1;
	}
}

/* Sends new and lost queries, at most WINDOW at once; TCP where UDP does not get through.  All
 * items before *first are answered, so that each call looks at few of them. */
static void keep_asking(struct dnsq *q, struct dnsq_item *items, struct state *st, size_t count,
    size_t *first, size_t *open, int64_t until, int *fault)
{
	size_t under_way = 0;
	int64_t now = clock_mono_ms();
	while (*first < count && st[*first].answered)
		(*first)++;
	for (size_t i = *first; i < count && under_way < WINDOW; i++) {
		if (st[i].answered)
			continue;
		under_way++;
		if (st[i].tcp || st[i].tries >= UDP_TRIES) {
			st[i].tcp = false;
			st[i].tries = 0;
			st[i].answered = ask_tcp(
			    q, &items[i], now + q->tcp_ms < until ? now + q->tcp_ms : until);
			if (st[i].answered) /* a late answer over UDP must not count again */
				forget_id(q, &st[i], (uint32_t)i);
			*open -= st[i].answered;
		} else if (st[i].tries == 0 || now - st[i].sent >= q->resend_ms) {
			if (send_udp(q, &items[i], &st[i], (uint32_t)i) < 0)
				*fault = errno;
		}
	}
}

int dnsq_ask(struct dnsq *q, struct dnsq_item *items, size_t count, int timeout_ms, struct err *err)
{
	struct state *st = mem_alloc((count + 1) * sizeof(*st));
	int64_t until = clock_mono_ms() + timeout_ms;
	size_t open = count, first = 0;
	int fault = 0;
	for (size_t i = 0; i < count; i++) {
		items[i].state = DNSQ_NOANSWER;
		items[i].rcode = -1;
	}
	while (open > 0 && clock_mono_ms() < until) {
		fault = 0;
		keep_asking(q, items, st, count, &first, &open, until, &fault);
		int64_t pause = until - clock_mono_ms();
		if (open > 0 && fault == 0 && pause > 0)
			wait_fd(q->fd, POLLIN,
			    clock_mono_ms() + (pause < RESEND_MS ? pause : RESEND_MS));
		receive(q, items, st, &open, &fault);
		if (fault != 0 && open == count)
			break; /* ECONNREFUSED and the like: there is no server */
	}
	for (size_t i = 0; i < count; i++)
		forget_id(q, &st[i], (uint32_t)i);
	free(st);
	if (fault != 0 && open == count && count > 0) {
		errno = fault;
		return err_sys(err, "cannot ask the DNS server at %s", q->server);
	}
	return 0;
}
