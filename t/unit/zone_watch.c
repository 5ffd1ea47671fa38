/* zone_watch PORT ZONE [no-aa]: asks the server on 127.0.0.1 about ZONE, one question after the
 * other, until standard input ends.  The zone's serial is its version, and the 12 TXT records of
 * versions.ZONE are that version too.  Prints one line:
 *
 *   queries=  failed= (no answer within a second, another rcode, no AA unless no-aa, records
 * missing) mixed= (records of two versions in one answer)  backwards= (an older version than
 * before) versions= (different ones seen)  last=  longest_ms= (between two good answers)
 */
#include <arpa/inet.h>
#include <libknot/libknot.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define RECORDS 12
#define WAIT_MS 1000

struct seen {
	unsigned long queries, failed, mixed, backwards, versions, last;
	int64_t good, longest_ms;
};

static bool stdin_ended(void)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	char byte;
	return poll(&p, 1, 0) > 0 && read(STDIN_FILENO, &byte, 1) <= 0;
}

/* The answer's length; 0: none in time. */
static size_t ask(int fd, uint8_t *wire, const knot_dname_t *name, uint16_t type, uint16_t id)
{
	uint8_t query[512] = {0};
	knot_pkt_t *pkt = knot_pkt_new(query, sizeof(query), NULL);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	knot_wire_set_id(pkt->wire, id);
	knot_pkt_put_question(pkt, name, KNOT_CLASS_IN, type);
	send(fd, query, pkt->size, 0);
	knot_pkt_free(pkt);
	for (int64_t until = clock_mono_ms() + WAIT_MS; clock_mono_ms() < until;) {
		ssize_t n = poll(&p, 1, WAIT_MS) > 0 ? recv(fd, wire, 65535, 0) : 0;
		if (n > 12 && knot_wire_get_id(wire) == id)
			return (size_t)n;
	}
	return 0;
}

/* The version in an answer; -1: it is none. */
static long version_of(uint8_t *wire, size_t len, uint16_t type, bool without_aa, bool *mixed)
{
	knot_pkt_t *pkt = knot_pkt_new(wire, (uint16_t)len, NULL);
	long version = -1;
	unsigned count = 0;
	if (knot_pkt_parse(pkt, 0) == KNOT_EOK && knot_wire_get_rcode(wire) == 0 &&
	    (without_aa || knot_wire_get_aa(wire))) {
		const knot_pktsection_t *answer = knot_pkt_section(pkt, KNOT_ANSWER);
		for (uint16_t i = 0; i < answer->count; i++) {
			const knot_rrset_t *rr = knot_pkt_rr(answer, i);
			char text[32] = "";
			if (rr->type != type)
				continue;
			if (type == KNOT_RRTYPE_TXT)
				snprintf(text, sizeof(text), "%.*s", rr->rrs.rdata->data[0],
				    (const char *)rr->rrs.rdata->data + 1);
			long this = type == KNOT_RRTYPE_SOA ? (long)knot_soa_serial(rr->rrs.rdata)
							    : strtol(text, NULL, 10);
			*mixed = *mixed || (count > 0 && this != version);
			version = this;
			count++;
		}
	}
	knot_pkt_free(pkt);
	return count == (type == KNOT_RRTYPE_SOA ? 1 : RECORDS) ? version : -1;
}

static void take(struct seen *s, long version, bool mixed)
{
	int64_t now = clock_mono_ms();
	s->queries++;
	s->mixed += mixed;
	if (version < 0) {
		s->failed++;
		return;
	}
	if (s->good > 0 && now - s->good > s->longest_ms)
		s->longest_ms = now - s->good;
	s->good = now;
	s->backwards += (unsigned long)version < s->last;
	s->versions += (unsigned long)version > s->last;
	if ((unsigned long)version > s->last)
		s->last = (unsigned long)version;
}

int main(int argc, char **argv)
{
	static uint8_t wire[65535];
	struct seen s = {0};
	knot_dname_storage_t names[2];
	char text[512];
	bool without_aa = argc == 4 && strcmp(argv[3], "no-aa") == 0;
	if (argc != 3 && !without_aa)
		return 64;
	for (int i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "%s%s.", i == 0 ? "" : "versions.", argv[2]);
		if (knot_dname_from_str(names[i], text, sizeof(names[i])) == NULL)
			return 65;
	}
	struct sockaddr_in addr = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return 69;
	for (uint16_t id = 1; !stdin_ended(); id++) {
		uint16_t type = id % 2 == 0 ? KNOT_RRTYPE_SOA : KNOT_RRTYPE_TXT;
		bool mixed = false;
		size_t len = ask(fd, wire, names[id % 2], type, id);
		take(&s, len == 0 ? -1 : version_of(wire, len, type, without_aa, &mixed), mixed);
	}
	printf("queries=%lu failed=%lu mixed=%lu backwards=%lu versions=%lu last=%lu "
	       "longest_ms=%lld\n",
	    s.queries, s.failed, s.mixed, s.backwards, s.versions, s.last, (long long)s.longest_ms);
	close(fd);
	return 0;
}
