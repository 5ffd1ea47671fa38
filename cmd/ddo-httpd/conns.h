/* conns: the open connections, what each is doing, and since when.
 *
 * It has the limits that libmicrohttpd lacks across several daemons: connections in all, and from
 * one address; and one deadline for a whole request, however slowly it arrives.  A slot is a
 * descriptor.  Call conns_add() before libmicrohttpd gets the descriptor and conns_remove() before
 * libmicrohttpd closes it, so that a used slot is an open descriptor.  Call conns_expire() several
 * times a second.  Thread-safe.
 */
#ifndef DDO_CONNS_H
#define DDO_CONNS_H

#include <stddef.h>
#include <sys/socket.h>

#include "answer.h"
#include "client.h"
#include "tls.h"

enum conn_state {
	CONN_NONE,    /* no connection */
	CONN_IDLE,    /* no request line yet */
	CONN_READING, /* a request is coming in */
	CONN_BUSY,    /* a request is complete and in a handler: no deadline */
	CONN_WAITING, /* waits for its turn to log in */
	CONN_DELAYED, /* its answer is held back */
	CONN_ANSWERING,
	CONN_EXPIRED /* shut down, not closed yet */
};

struct conns_limits {
	size_t descriptors; /* all descriptors are lower */
	unsigned connections;
	unsigned per_address;
	unsigned workers;
	unsigned timeout_s;
};

struct conns;

struct conns *conns_open(const struct conns_limits *limits);
void conns_close(struct conns *c);

struct conns_peer {
	const char *client;
	bool proxy; /* per_address does not apply */
	bool named; /* at a limit, a connection that has not logged in gives way to it */
};

#define CONNS_GIVING_WAY 32 /* so many may be closing beyond the limit */

/* 0: counted; *worker (may be NULL) is the one with the fewest connections.  -1: a limit. */
int conns_add(struct conns *c, int fd, const struct conns_peer *peer, unsigned *worker);
/* The client has logged in, so the connection does not give way while it does something. */
void conns_welcome(struct conns *c, int fd);
void conns_remove(struct conns *c, int fd);
/* conns_tell() goes through this session; NULL: in the clear. */
void conns_set_tls(struct conns *c, int fd, gnutls_session_t tls);
/* conns_expire() calls resume(arg) after `ms` milliseconds, or at conns_stop().  False: the
 * connection has expired or all ends; nothing will call. */
bool conns_delay(struct conns *c, int fd, unsigned ms, void (*resume)(void *), void *arg);
/* The same, but resume() is called when it is this one's turn: each conns_resume() takes the oldest
 * (by `since`) of those that wait as `whose`. */
struct conns_turn {
	char whose[CLIENT_SIZE];
	int64_t since;
};
bool conns_wait(
    struct conns *c, int fd, const struct conns_turn *turn, void (*resume)(void *), void *arg);
bool conns_others_wait(struct conns *c, const char *whose);
/* False: the connection has expired, and must not be answered. */
bool conns_set(struct conns *c, int fd, enum conn_state state);
const char *conns_client(const struct conns *c, int fd); /* valid until conns_remove() */

/* Ends connections that are past their deadline or whose client has gone.  A client whose request
 * has arrived in part gets 408. */
void conns_expire(struct conns *c);
/* Only the part that resumes what waits. */
void conns_resume(struct conns *c);
/* After conns_stop(), connections that may yet send a request are under way too: those without one
 * so far for CONNS_PATIENCE_MS, others while something has arrived. */
#define CONNS_PATIENCE_MS 2000
void conns_count(struct conns *c, size_t *open, size_t *under_way);

/* From now on each answer closes its connection, and nothing waits any more. */
void conns_stop(struct conns *c);
bool conns_stopping(const struct conns *c);

/* Writes an answer past libmicrohttpd, at once, as far as the socket takes it. */
void conns_tell(int fd, gnutls_session_t tls, const struct answer *a);

/* The address of a peer as text, IPv4 in IPv6 as IPv4; "": it has none. */
void conns_address(const struct sockaddr *addr, char out[CLIENT_SIZE]);

#endif
