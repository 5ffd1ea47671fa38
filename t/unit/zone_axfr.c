/* zone_axfr [-i] PORT DIR < names: does the server on 127.0.0.1:PORT serve these zones as ddo reads
 * DIR/NAME.db?
 *
 * Asks for each zone by AXFR (RFC 5936), compares record for record, and prints "NAME: lacks|has
 * RECORD", or "NAME: why".  -i: names within records may differ in case.  Exit status 1 when one
 * differs.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/msg.h"
#include "dns/zone.h"

static bool any_case;

static int dial(const char *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		die_temp("cannot connect to port %s", port);
	return fd;
}

static bool read_full(int fd, uint8_t *data, size_t len)
{
	for (ssize_t n; len > 0; data += n, len -= (size_t)n) {
		if ((n = read(fd, data, len)) <= 0)
			return false;
	}
	return true;
}

static void ask(int fd, const knot_dname_t *apex)
{
	uint8_t wire[512] = {0}; /* libknot keeps what the header holds */
	knot_pkt_t *pkt = knot_pkt_new(wire + 2, sizeof(wire) - 2, NULL);
	knot_wire_set_id(pkt->wire, 1);
	knot_pkt_put_question(pkt, apex, KNOT_CLASS_IN, KNOT_RRTYPE_AXFR);
	knot_wire_write_u16(wire, (uint16_t)pkt->size);
	if (file_write_all(fd, (char *)wire, pkt->size + 2) < 0)
		die_temp("cannot ask");
	knot_pkt_free(pkt);
}

/* In the generic form: no reader of text is to be trusted here. */
static void add_record(const knot_rrset_t *rr, struct buf *out)
{
	knot_dump_style_t style = KNOT_DUMP_STYLE_DEFAULT;
	size_t size = 4096;
	char *text = mem_alloc(size);
	style.show_class = style.show_ttl = style.generic = true;
	style.wrap = style.original_ttl = false;
	int len = knot_rrset_txt_dump(rr, &text, &size, &style);
	if (len > 0)
		buf_add(out, text, (size_t)len);
	free(text);
}

/* The records up to the second SOA.  False: there is no such answer. */
static bool transfer(const char *port, const knot_dname_t *apex, struct buf *out)
{
	static uint8_t wire[65535];
	uint8_t prefix[2];
	unsigned soas = 0;
	bool good = true;
	int fd = dial(port);
	ask(fd, apex);
	while (good && soas < 2) {
		good = read_full(fd, prefix, 2) && read_full(fd, wire, knot_wire_read_u16(prefix));
		if (!good)
			break;
		knot_pkt_t *pkt = knot_pkt_new(wire, knot_wire_read_u16(prefix), NULL);
		pkt->size = knot_wire_read_u16(prefix);
		good = knot_pkt_parse(pkt, KNOT_PF_NOCANON) == 0 && knot_wire_get_rcode(wire) == 0;
		const knot_pktsection_t *answer = knot_pkt_section(pkt, KNOT_ANSWER);
		good = good && answer->count > 0;
		for (uint16_t i = 0; good && i < answer->count; i++) {
			const knot_rrset_t *rr = knot_pkt_rr(answer, i);
			soas += rr->type == KNOT_RRTYPE_SOA;
			if (soas < 2)
				add_record(rr, out);
		}
		knot_pkt_free(pkt);
	}
	close(fd);
	return good;
}

/* Lower case for names in data where their case counts to ddo: NSD does not keep it. */
static void lower(struct zone *z)
{
	for (size_t i = 0; i < z->count; i++) {
		const knot_rrset_t *set = &z->rrsets[i];
		knot_rdata_t *rd = set->rrs.rdata;
		size_t at = set->type == KNOT_RRTYPE_LP || set->type == KNOT_RRTYPE_SVCB ||
				    set->type == KNOT_RRTYPE_HTTPS
				? 2
			    : set->type == KNOT_RRTYPE_IPSECKEY ? 3
								: 0;
		for (uint16_t k = 0; at > 0 && k < set->rrs.count;
		     k++, rd = knot_rdataset_next(rd)) {
			if (rd->len > at && (at == 2 || rd->data[1] == 3))
				knot_dname_to_lower(rd->data + at);
		}
	}
}

static struct zone *parse(const char *name, const struct buf *text, struct err *err)
{
	struct zone *z;
	if (zone_parse(name, buf_str(text), text->len, 0, &z, err) < 0)
		return NULL;
	if (any_case)
		lower(z);
	return z;
}

static void print_lines(const char *name, const char *word, const char *in, const char *others)
{
	for (const char *end; (end = strchr(in, '\n')) != NULL; in = end + 1) {
		struct buf line = {0};
		buf_addc(&line, '\n');
		buf_add(&line, in, (size_t)(end - in + 1));
		if (strstr(others, line.data) == NULL)
			printf("%s: %s %.*s\n", name, word, (int)(end - in), in);
		buf_free(&line);
	}
}

static bool same(const char *port, const char *dir, const char *name)
{
	struct buf path = {0}, text = {0}, served = {0}, is = {0}, want = {0};
	struct err err;
	buf_addf(&path, "%s/%s.db", dir, name);
	if (file_read(AT_FDCWD, path.data, &text, (size_t)1 << 30, &err) < 0)
		die_noinput("%s", err.text);
	struct zone *z = parse(name, &text, &err), *s = NULL;
	if (z == NULL)
		die_data("%s", err.text);
	bool alike = transfer(port, z->apex, &served);
	if (!alike)
		printf("%s: no transfer\n", name);
	else if ((s = parse(name, &served, &err)) == NULL)
		printf("%s: %s\n", name, err.text);
	alike = s != NULL;
	if (alike) {
		buf_addc(&is, '\n');
		buf_addc(&want, '\n');
		alike = zone_render(s, &is, &err) == 0 && zone_render(z, &want, &err) == 0 &&
			strcmp(is.data, want.data) == 0;
		print_lines(name, "lacks", want.data + 1, is.data);
		print_lines(name, "has", is.data + 1, want.data);
	}
	zone_free(z);
	zone_free(s);
	buf_free(&path);
	buf_free(&text);
	buf_free(&served);
	buf_free(&is);
	buf_free(&want);
	return alike;
}

int main(int argc, char **argv)
{
	char name[NAME_SIZE + 2];
	bool alike = true;
	msg_init("zone_axfr");
	any_case = argc == 4 && strcmp(argv[1], "-i") == 0;
	if (argc != 3 && !any_case)
		die_usage("usage: zone_axfr [-i] PORT DIR < names");
	while (fgets(name, sizeof(name), stdin) != NULL) {
		name[strcspn(name, "\n")] = '\0';
		alike = same(argv[argc - 2], argv[argc - 1], name) && alike;
	}
	return alike ? 0 : 1;
}
