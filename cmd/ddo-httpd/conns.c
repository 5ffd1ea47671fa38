/* conns: the open connections and their deadlines. */
#include "conns.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

struct conn {
	enum conn_state state;
	int64_t since; /* of the state; clock_mono_ms() */
	bool gone;     /* at the last look, the client had closed its side */
	bool named, welcome;
	bool fresh;      /* no request yet */
	bool giving_way; /* closing, so it does not count */
	bool suspended;  /* until resume(arg) is called */
	unsigned worker;
	gnutls_session_t tls;
	int64_t resume_at;
	void (*resume)(void *);
	void *arg;
	struct conns_turn turn;
	char client[CLIENT_SIZE];
};

#define RESUMES 64 /* at most at once; the rest comes with the next tick */

struct conns {
	struct conns_limits limits;
	pthread_mutex_t mutex;
	struct conn *slots;
	size_t used; /* slots from here on were never in use */
	size_t open, giving_way;
	size_t waiting; /* an upper bound; conns_resume() counts anew */
	unsigned *load; /* connections by worker */
	unsigned next;
	atomic_bool stopping;
	int64_t patience; /* so long a fresh connection counts as under way */
};

struct conns *conns_open(const struct conns_limits *limits)
{
	struct conns *c = mem_alloc(sizeof(*c));
	c->limits = *limits;
	c->slots = mem_alloc(limits->descriptors * sizeof(*c->slots));
	c->load = mem_alloc(limits->workers * sizeof(*c->load));
	pthread_mutex_init(&c->mutex, NULL);
	return c;
}

void conns_close(struct conns *c)
{
	pthread_mutex_destroy(&c->mutex);
	free(c->slots);
	free(c->load);
	free(c);
}

static bool from_too_many(const struct conns *c, const char *client)
{
	unsigned same = 0;
	for (size_t i = 0; i < c->used && client[0] != '\0'; i++) {
		const struct conn *conn = &c->slots[i];
		if (conn->state != CONN_NONE && !conn->giving_way &&
		    strcmp(conn->client, client) == 0)
			same++;
	}
	return same >= c->limits.per_address;
}

static bool has_hung_up(int fd)
{
	char octet;
	return recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* How readily a connection gives way; 0: not at all.  One that waits for its turn does not give way
 * to its own address, which may be DirectAdmin's, unless it has hung up. */
static unsigned readiness(const struct conn *conn, int fd, bool same_address)
{
	if (conn->giving_way)
		return 0;
	if (conn->state == CONN_IDLE)
		return conn->welcome ? 1 : conn->named ? 2 : 4;
	if (conn->state == CONN_WAITING && same_address)
		return has_hung_up(fd) ? 4 : 0;
	bool stranger =
	    !conn->welcome && (conn->state == CONN_READING || conn->state == CONN_DELAYED ||
				  conn->state == CONN_WAITING);
	return !stranger ? 0 : conn->named ? 2 : 3;
}

/* Ends the connection that gives way most readily, the oldest of those; only one of `client`'s,
 * unless that is NULL. */
static bool make_room(struct conns *c, const char *client)
{
	size_t best = 0;
	unsigned most = 0;
	for (size_t i = 0; i < c->used; i++) {
		const struct conn *conn = &c->slots[i];
		if (client != NULL && strcmp(conn->client, client) != 0)
			continue;
		unsigned ready = readiness(conn, (int)i, client != NULL);
		if (ready > most ||
		    (ready == most && ready > 0 && conn->since < c->slots[best].since)) {
			most = ready;
			best = i;
		}
	}
	if (most == 0 || c->giving_way >= CONNS_GIVING_WAY)
		return false;
	shutdown((int)best, SHUT_RDWR);
	c->slots[best].state = CONN_EXPIRED;
	c->slots[best].giving_way = true;
	c->giving_way++;
	return true;
}

/* Call it with the lock. */
static bool has_room(struct conns *c, const struct conns_peer *p)
{
	if (!p->proxy && from_too_many(c, p->client) && !(p->named && make_room(c, p->client)))
		return false;
	return c->open - c->giving_way < c->limits.connections || (p->named && make_room(c, NULL));
}

static unsigned pick_worker(struct conns *c)
{
	unsigned n = c->limits.workers, best = c->next++ % n;
	for (unsigned i = 1; i < n; i++) {
		unsigned w = (best + i) % n;
		if (c->load[w] < c->load[best])
			best = w;
	}
	c->load[best]++;
	return best;
}

int conns_add(struct conns *c, int fd, const struct conns_peer *p, unsigned *worker)
{
	int r = -1;
	pthread_mutex_lock(&c->mutex);
	if ((size_t)fd < c->limits.descriptors && has_room(c, p)) {
		struct conn *conn = &c->slots[fd];
		*conn = (struct conn){.state = CONN_IDLE,
		    .since = clock_mono_ms(),
		    .worker = pick_worker(c),
		    .fresh = true,
		    .named = p->named};
		snprintf(conn->client, sizeof(conn->client), "%s", p->client);
		if (worker != NULL)
			*worker = conn->worker;
		if (c->used <= (size_t)fd)
			c->used = (size_t)fd + 1;
		c->open++;
		r = 0;
	}
	pthread_mutex_unlock(&c->mutex);
	return r;
}

void conns_remove(struct conns *c, int fd)
{
	pthread_mutex_lock(&c->mutex);
	c->load[c->slots[fd].worker]--;
	c->giving_way -= c->slots[fd].giving_way;
	c->slots[fd].giving_way = false;
	c->slots[fd].state = CONN_NONE;
	c->open--;
	pthread_mutex_unlock(&c->mutex);
}

void conns_welcome(struct conns *c, int fd)
{
	pthread_mutex_lock(&c->mutex);
	c->slots[fd].welcome = true;
	pthread_mutex_unlock(&c->mutex);
}

bool conns_set(struct conns *c, int fd, enum conn_state state)
{
	pthread_mutex_lock(&c->mutex);
	bool alive = c->slots[fd].state != CONN_EXPIRED;
	if (alive) {
		c->slots[fd].state = state;
		c->slots[fd].fresh = c->slots[fd].fresh && state == CONN_IDLE;
		c->slots[fd].since = clock_mono_ms();
		c->slots[fd].gone = false;
	}
	pthread_mutex_unlock(&c->mutex);
	return alive;
}

void conns_set_tls(struct conns *c, int fd, gnutls_session_t session)
{
	pthread_mutex_lock(&c->mutex);
	c->slots[fd].tls = session;
	pthread_mutex_unlock(&c->mutex);
}

bool conns_delay(struct conns *c, int fd, unsigned ms, void (*resume)(void *), void *arg)
{
	pthread_mutex_lock(&c->mutex);
	struct conn *conn = &c->slots[fd];
	bool delayed = conn->state != CONN_EXPIRED && !conns_stopping(c);
	if (delayed) {
		conn->state = CONN_DELAYED;
		conn->resume_at = clock_mono_ms() + ms;
		conn->resume = resume;
		conn->arg = arg;
		conn->suspended = true;
	}
	pthread_mutex_unlock(&c->mutex);
	return delayed;
}

bool conns_wait(
    struct conns *c, int fd, const struct conns_turn *turn, void (*resume)(void *), void *arg)
{
	pthread_mutex_lock(&c->mutex);
	struct conn *conn = &c->slots[fd];
	bool waits = conn->state != CONN_EXPIRED && !conns_stopping(c);
	if (waits) {
		conn->state = CONN_WAITING;
		c->waiting++;
		conn->turn = *turn;
		conn->resume = resume;
		conn->arg = arg;
		conn->suspended = true;
	}
	pthread_mutex_unlock(&c->mutex);
	return waits;
}

/* The oldest that waits as `whose`; NULL: none. */
static const struct conn *first_waiting(const struct conns *c, const char *whose)
{
	const struct conn *first = NULL;
	for (size_t i = 0; i < c->used; i++) {
		const struct conn *conn = &c->slots[i];
		if (conn->state == CONN_WAITING && strcmp(conn->turn.whose, whose) == 0 &&
		    (first == NULL || conn->turn.since < first->turn.since))
			first = conn;
	}
	return first;
}

bool conns_others_wait(struct conns *c, const char *whose)
{
	pthread_mutex_lock(&c->mutex);
	bool others = c->waiting > 0 && first_waiting(c, whose) != NULL;
	pthread_mutex_unlock(&c->mutex);
	return others;
}

const char *conns_client(const struct conns *c, int fd)
{
	return c->slots[fd].client;
}

/* Call it with the lock: no thread starts to answer or closes the descriptor meanwhile. */
static void expire(struct conn *conn, int fd)
{
	if (conn->state == CONN_READING) {
		struct answer a;
		answer_fail(&a, 408, "Timeout", "the request took too long to arrive");
		conns_tell(fd, conn->tls, &a);
		buf_free(&a.body);
	}
	shutdown(fd, SHUT_RDWR);
	conn->state = CONN_EXPIRED;
}

/* libmicrohttpd may miss an end of input right behind half a request.  Two looks in a row with the
 * same state mean that no thread is about to take up what came before it. */
static bool is_gone(struct conn *conn, int fd)
{
	bool before = conn->gone;
	conn->gone = (conn->state == CONN_IDLE || conn->state == CONN_READING ||
			 conn->state == CONN_WAITING) &&
		     has_hung_up(fd);
	return before && conn->gone;
}

/* Takes the connections whose delay is over, whose turn it is, or that must end.  The caller
 * resumes them without the lock, because the thread that answers takes it.  Turns are decided
 * first: otherwise each connection that leaves would make another one the first. */
static size_t take_suspended(struct conns *c, struct conn out[RESUMES])
{
	size_t n = 0;
	int64_t now = clock_mono_ms();
	c->waiting = 0;
	for (size_t i = 0; i < c->used; i++) {
		struct conn *conn = &c->slots[i];
		if (conn->state == CONN_WAITING) {
			conn->resume_at = INT64_MAX;
			c->waiting++;
		}
	}
	for (size_t i = 0; i < c->used; i++) {
		struct conn *conn = &c->slots[i];
		if (conn->state == CONN_WAITING && first_waiting(c, conn->turn.whose) == conn)
			conn->resume_at = now;
	}
	for (size_t i = 0; i < c->used && n < RESUMES; i++) {
		struct conn *conn = &c->slots[i];
		bool ended = conn->state == CONN_EXPIRED || conns_stopping(c);
		if (!conn->suspended || (!ended && now < conn->resume_at))
			continue;
		conn->suspended = false;
		if (conn->state != CONN_EXPIRED)
			conn->state = CONN_BUSY;
		out[n++] = *conn;
	}
	return n;
}

void conns_resume(struct conns *c)
{
	struct conn resumed[RESUMES];
	pthread_mutex_lock(&c->mutex);
	size_t n = take_suspended(c, resumed);
	pthread_mutex_unlock(&c->mutex);
	for (size_t i = 0; i < n; i++)
		resumed[i].resume(resumed[i].arg);
}

void conns_expire(struct conns *c)
{
	int64_t before = clock_mono_ms() - (int64_t)c->limits.timeout_s * 1000;
	pthread_mutex_lock(&c->mutex);
	for (size_t i = 0; i < c->used; i++) {
		struct conn *conn = &c->slots[i];
		bool waits = conn->state == CONN_IDLE || conn->state == CONN_READING ||
			     conn->state == CONN_ANSWERING;
		bool gone = is_gone(conn, (int)i);
		if (gone || (waits && conn->since < before))
			expire(conn, (int)i);
	}
	pthread_mutex_unlock(&c->mutex);
	conns_resume(c);
}

/* A fresh connection may have its request under way, and one between two requests its next. */
static bool will_ask(const struct conns *c, const struct conn *conn, int fd)
{
	char octet;
	if (conn->state != CONN_IDLE || !conns_stopping(c))
		return false;
	return (conn->fresh && clock_mono_ms() < c->patience) ||
	       recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void conns_count(struct conns *c, size_t *open, size_t *under_way)
{
	pthread_mutex_lock(&c->mutex);
	*open = c->open;
	*under_way = 0;
	for (size_t i = 0; i < c->used; i++) {
		enum conn_state s = c->slots[i].state;
		*under_way += s == CONN_READING || s == CONN_BUSY || s == CONN_WAITING ||
			      s == CONN_DELAYED || s == CONN_ANSWERING ||
			      will_ask(c, &c->slots[i], (int)i);
	}
	pthread_mutex_unlock(&c->mutex);
}

void conns_stop(struct conns *c)
{
	c->patience = clock_mono_ms() + CONNS_PATIENCE_MS;
	atomic_store(&c->stopping, true);
}

bool conns_stopping(const struct conns *c)
{
	return atomic_load(&c->stopping);
}

void conns_tell(int fd, gnutls_session_t session, const struct answer *a)
{
	struct buf out = {0};
	answer_render(a, "HTTP/1.1 ", true, false, &out);
	if (session != NULL)
		tls_send(session, out.data, out.len);
	else
		(void)!send(fd, out.data, out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	buf_free(&out);
}

void conns_address(const struct sockaddr *addr, char out[CLIENT_SIZE])
{
	out[0] = '\0';
	if (addr->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, addr, sizeof(in));
		inet_ntop(AF_INET, &in.sin_addr, out, CLIENT_SIZE);
	} else if (addr->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, addr, sizeof(in6));
		if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr))
			inet_ntop(AF_INET, &in6.sin6_addr.s6_addr[12], out, CLIENT_SIZE);
		else
			inet_ntop(AF_INET6, &in6.sin6_addr, out, CLIENT_SIZE);
	}
}
