/* load: pushes zones to ddo-httpd on 127.0.0.1 as DirectAdmin does, and watches a DNS server there.
 *
 *   load push HTTP-PORT USER:PASSWORD PREFIX FIRST COUNT SERIAL CLIENTS [DNS-PORT]
 *       pushes PREFIX<FIRST>.example and the COUNT - 1 zones that follow, over CLIENTS kept
 *       connections.  With DNS-PORT it waits until the server answers each with SERIAL.
 *   load answer HTTP-PORT USER:PASSWORD ZONE ROUNDS SERIAL DNS-PORT
 *       pushes ZONE with growing serials, one at a time, 20 ms apart.  It measures from the first
 *       byte of the push to the first answer with the new serial.
 *
 * It prints one line: count= failed= seconds= rate= p50= p90= p99= max= (milliseconds).  push with
 * DNS-PORT adds answered_seconds= answered_rate=, from the first push to the last answer. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nettle/base64.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#define ANSWER_LIMIT_S 120.0 /* longer than any answer takes */
#define MAX_CLIENTS 64
#define APART_US 20000 /* so that the cost of one change does not fall on the next */

struct load {
	uint16_t http_port, dns_port;
	char auth[512]; /* base64 */
	const char *prefix;
	unsigned first, count;
	uint32_t serial;
	atomic_uint next, failed;
	double *latency; /* one for each push */
};

struct client {
	int fd;
	struct buf request, reply;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void pause_us(long us)
{
	nanosleep(&(struct timespec){.tv_nsec = us * 1000}, NULL);
}

/* A zone of about 2 KiB, as most of DirectAdmin's are, with a DKIM key. */
static void zone_text(struct buf *b, const char *zone, uint32_t serial)
{
	static const char *const hosts[] = {"www", "mail", "ftp", "smtp", "pop", "imap", "ns1",
	    "ns2", "cpanel", "webmail", "autoconfig", "autodiscover", "dev", "shop", "blog"};

	buf_adds(b, "\n\n\n\n\n\n\n\n\n\n\n\n$TTL 14400\n");
	buf_addf(b, "@       IN      SOA     ns1.%s.      hostmaster.%s. (\n", zone, zone);
	buf_addf(b, "%48u\n%48u\n%48u\n%48u\n%48u )\n\n", serial, 14400U, 3600U, 1209600U, 86400U);
	buf_addf(b, "%s.\t14400\tIN\tNS\tns1.%s.\n%s.\t14400\tIN\tNS\tns2.%s.\n\n", zone, zone,
	    zone, zone);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		buf_addf(b, "%s\t14400\tIN\tA\t192.0.2.%zu\n", hosts[i], i + 1);
	buf_addf(b, "%s.\t14400\tIN\tA\t192.0.2.1\n\n%s.\t14400\tIN\tMX\t10 mail\n\n", zone, zone);
	buf_addf(b, "%s.\t14400\tIN\tTXT\t\"v=spf1 a mx ip4:192.0.2.1 ~all\"\n", zone);
	buf_adds(b, "_dmarc\t14400\tIN\tTXT\t\"v=DMARC1; p=none\"\n");
	buf_adds(b, "x._domainkey\t14400\tIN\tTXT\t( \"v=DKIM1; k=rsa; p=");
	for (unsigned i = 0; i < 720; i++) {
		if (i == 240 || i == 480)
			buf_adds(b, "\"\n\t\t\t\t\t\"");
		buf_addc(b, (char)('A' + (serial + i * 7) % 26));
	}
	buf_adds(b, "\" )\n");
}

static int connect_to(int type, uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int one = 1, fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		fprintf(stderr, "load: 127.0.0.1 port %u: %s\n", port, strerror(errno));
		exit(69);
	}
	if (type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	struct timeval limit = {.tv_sec = type == SOCK_STREAM ? 60 : 0, .tv_usec = 200000};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return fd;
}

/* Reads one whole answer.  False: the connection is unusable. */
static bool read_reply(struct client *c, bool *keep)
{
	char part[4096];

	buf_reset(&c->reply);
	for (;;) {
		const char *text = buf_str(&c->reply), *end = strstr(text, "\r\n\r\n");
		if (end != NULL) {
			const char *len = strcasestr(text, "\r\ncontent-length:");
			size_t body = len != NULL ? strtoul(len + 17, NULL, 10) : 0;
			const char *close_it = strcasestr(text, "\r\nconnection: close");
			*keep = close_it == NULL || close_it > end;
			if (c->reply.len >= (size_t)(end + 4 - text) + body)
				return true;
		}
		ssize_t n = read(c->fd, part, sizeof(part));
		if (n <= 0)
			return false;
		buf_add(&c->reply, part, (size_t)n);
	}
}

/* Pushes once.  True: the answer was error=0. */
static bool push(const struct load *l, struct client *c, const char *zone, uint32_t serial)
{
	struct buf text = {0};
	bool keep = false;

	zone_text(&text, zone, serial);
	buf_reset(&c->request);
	buf_addf(&c->request,
	    "POST "
	    "/CMD_API_DNS_ADMIN?action=rawsave&domain=%s&hostname=da1.example.com&username=bob "
	    "HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic %s\r\nContent-Type: text/plain\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    zone, l->auth, text.len);
	buf_add(&c->request, text.data, text.len);
	buf_free(&text);
	if (c->fd < 0)
		c->fd = connect_to(SOCK_STREAM, l->http_port);
	bool ok = file_write_all(c->fd, c->request.data, c->request.len) == 0 &&
		  read_reply(c, &keep) && strstr(buf_str(&c->reply), "error=0") != NULL;
	if (!keep) {
		close(c->fd);
		c->fd = -1;
	}
	return ok;
}

static void client_free(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	buf_free(&c->request);
	buf_free(&c->reply);
}

static size_t make_query(uint8_t *out, uint16_t id, const char *zone)
{
	static const uint8_t tail[] = {0, 0, 6, 0, 1};
	size_t at = 12;

	memset(out, 0, 12);
	out[0] = (uint8_t)(id >> 8);
	out[1] = (uint8_t)id;
	out[5] = 1;
	while (*zone != '\0') {
		size_t label = strcspn(zone, ".");
		out[at++] = (uint8_t)label;
		memcpy(out + at, zone, label);
		at += label;
		zone += label + (zone[label] == '.');
	}
	memcpy(out + at, tail, sizeof(tail));
	return at + sizeof(tail);
}

/* True: the server answers with an SOA of that serial.  `query` is the question as sent.  The
 * answer repeats its name, or points to it (RFC 1035 4.1.4). */
static bool has_serial(int dns, const char *zone, uint32_t serial)
{
	static _Thread_local uint16_t id;
	uint8_t query[300], reply[4096];
	size_t len = make_query(query, ++id, zone);

	if (send(dns, query, len, 0) < 0)
		return false;
	for (;;) {
		ssize_t n = recv(dns, reply, sizeof(reply), 0);
		if (n < 0)
			return false;
		if ((size_t)n < len || memcmp(reply, query, 2) != 0)
			continue;
		if ((size_t)n < len + 32 || (reply[3] & 15) != 0 || reply[7] == 0)
			return false;
		size_t at = len + (reply[len] >= 0xc0 ? 2 : len - 16);
		if (at + 30 > (size_t)n || reply[at + 1] != 6)
			return false;
		size_t end = at + 10 + ((size_t)reply[at + 8] << 8 | reply[at + 9]);
		uint32_t is;
		if (end > (size_t)n)
			return false;
		memcpy(&is, reply + end - 20, sizeof(is));
		return ntohl(is) == serial;
	}
}

static bool await_serial(int dns, const char *zone, uint32_t serial, long pause)
{
	double until = now() + ANSWER_LIMIT_S;

	while (!has_serial(dns, zone, serial)) {
		if (now() > until)
			return false;
		pause_us(pause);
	}
	return true;
}

static void zone_name(const struct load *l, unsigned i, char *out, size_t size)
{
	snprintf(out, size, "%s%05u.example", l->prefix, l->first + i);
}

static void *pusher(void *arg)
{
	struct load *l = arg;
	struct client c = {.fd = -1};
	char zone[256];

	for (unsigned i; (i = atomic_fetch_add(&l->next, 1)) < l->count;) {
		double start = now();
		zone_name(l, i, zone, sizeof(zone));
		if (!push(l, &c, zone, l->serial) && atomic_fetch_add(&l->failed, 1) == 0)
			fprintf(stderr, "load: %s: %s\n", zone, buf_str(&c.reply));
		l->latency[i] = now() - start;
	}
	client_free(&c);
	return NULL;
}

/* Follows the pushers, so that few zones are left to ask for when they end. */
static void *watcher(void *arg)
{
	struct load *l = arg;
	int dns = connect_to(SOCK_DGRAM, l->dns_port);
	char zone[256];

	for (unsigned i = 0; i < l->count; i++) {
		zone_name(l, i, zone, sizeof(zone));
		if (!await_serial(dns, zone, l->serial, 2000)) {
			fprintf(stderr, "load: %s is not answered with %u\n", zone, l->serial);
			atomic_fetch_add(&l->failed, l->count - i);
			break;
		}
	}
	close(dns);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void report(struct load *l, double seconds)
{
	double *v = l->latency;
	size_t n = l->count;

	qsort(v, n, sizeof(*v), compare);
	printf("count=%u failed=%u seconds=%.3f rate=%.0f p50=%.2f p90=%.2f p99=%.2f max=%.2f",
	    l->count, atomic_load(&l->failed), seconds, (double)n / seconds, 1e3 * v[n / 2],
	    1e3 * v[n * 9 / 10], 1e3 * v[n * 99 / 100], 1e3 * v[n - 1]);
}

static void run_push(struct load *l, unsigned clients)
{
	pthread_t threads[MAX_CLIENTS], watch;
	double start = now();

	if (l->dns_port != 0 && pthread_create(&watch, NULL, watcher, l) != 0)
		exit(71);
	for (unsigned i = 0; i < clients; i++)
		if (pthread_create(&threads[i], NULL, pusher, l) != 0)
			exit(71);
	for (unsigned i = 0; i < clients; i++)
		pthread_join(threads[i], NULL);
	double pushed = now() - start;
	if (l->dns_port != 0)
		pthread_join(watch, NULL);
	double answered = now() - start;
	report(l, pushed);
	if (l->dns_port != 0)
		printf(" answered_seconds=%.3f answered_rate=%.0f", answered,
		    (double)l->count / answered);
	putchar('\n');
}

static void run_answer(struct load *l)
{
	struct client c = {.fd = -1};
	int dns = connect_to(SOCK_DGRAM, l->dns_port);
	double begin = now();

	for (unsigned i = 0; i < l->count; i++) {
		double start = now();
		if (!push(l, &c, l->prefix, l->serial + i) ||
		    !await_serial(dns, l->prefix, l->serial + i, 100)) {
			fprintf(stderr, "load: %s: %s\n", l->prefix, buf_str(&c.reply));
			atomic_fetch_add(&l->failed, 1);
		}
		l->latency[i] = now() - start;
		pause_us(APART_US);
	}
	report(l, now() - begin);
	putchar('\n');
	close(dns);
	client_free(&c);
}

static unsigned long number(const char *text, unsigned long most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n > most) {
		fprintf(stderr, "load: bad number: %s\n", text);
		exit(64);
	}
	return n;
}

int main(int argc, char **argv)
{
	static struct load l;
	bool is_push = argc >= 9 && argc <= 10 && strcmp(argv[1], "push") == 0;

	if (!is_push && (argc != 8 || strcmp(argv[1], "answer") != 0)) {
		fprintf(stderr,
		    "usage: load push HTTP-PORT USER:PASSWORD PREFIX FIRST COUNT SERIAL CLIENTS "
		    "[DNS-PORT]\n"
		    "       load answer HTTP-PORT USER:PASSWORD ZONE ROUNDS SERIAL DNS-PORT\n");
		return 64;
	}
	char **arg = argv + 2;
	l.http_port = (uint16_t)number(*arg++, 65535);
	if (BASE64_ENCODE_RAW_LENGTH(strlen(*arg)) >= sizeof(l.auth)) {
		fprintf(stderr, "load: USER:PASSWORD is too long\n");
		return 64;
	}
	base64_encode_raw(l.auth, strlen(*arg), (const uint8_t *)*arg);
	arg++;
	l.prefix = *arg++;
	if (is_push)
		l.first = (unsigned)number(*arg++, 99999);
	l.count = (unsigned)number(*arg++, 100000);
	l.serial = (uint32_t)number(*arg++, UINT32_MAX);
	unsigned clients = is_push ? (unsigned)number(*arg++, MAX_CLIENTS) : 1;
	if (*arg != NULL)
		l.dns_port = (uint16_t)number(*arg, 65535);
	if (l.count == 0 || clients == 0)
		return 64;
	l.latency = mem_resize(NULL, l.count, sizeof(*l.latency));
	if (is_push)
		run_push(&l, clients);
	else
		run_answer(&l);
	free(l.latency);
	return atomic_load(&l.failed) == 0 ? 0 : 1;
}
