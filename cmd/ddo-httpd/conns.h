/* conns: the open connections, what each is doing, and since when.
 *
 * The limits and deadlines that libmicrohttpd does not have for several daemons together, or not at
 * all: connections in all and from one address, and one deadline for a whole request however it
 * drips in.  A slot is a descriptor; conns_add() comes before libmicrohttpd gets the descriptor,
 * conns_remove() before it closes it, so a slot in use is a descriptor that is open.  Thread-safe.
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
	CONN_WORKING, /* it is complete and worked on: takes the time it takes */
	CONN_WAITING, /* for its turn to log in */
	CONN_DELAYED, /* its answer is held back */
	CONN_ANSWERING,
	CONN_EXPIRED /* told to go away */
};

struct conns_limits {
	size_t descriptors; /* all are lower than this */
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
	bool proxy; /* may have more than per_address */
	bool named; /* where it would be too many, one that has not logged in gives way */
};

#define CONNS_GIVING_WAY 32 /* told to go, and not gone yet: so many more may be open */

/* 0: counted, and *worker (may be NULL) is the one with the fewest connections.  -1: too many. */
int conns_add(struct conns *c, int fd, const struct conns_peer *peer, unsigned *worker);
/* It has logged in, so it does not give way while it does something. */
void conns_welcome(struct conns *c, int fd);
void conns_remove(struct conns *c, int fd);
/* What is to be told past libmicrohttpd goes through this session; NULL: as it is. */
void conns_set_tls(struct conns *c, int fd, gnutls_session_t tls);
/* In ms milliseconds, or when all ends, conns_expire() calls resume(arg).  False: all ends now. */
bool conns_delay(struct conns *c, int fd, unsigned ms, void (*resume)(void *), void *arg);
/* The same when it is the turn of this one among those that wait as `whose`: the oldest, by
 * `since`, each time conns_resume() is called. */
struct conns_turn {
	char whose[CLIENT_SIZE];
	int64_t since;
};
bool conns_wait(
    struct conns *c, int fd, const struct conns_turn *turn, void (*resume)(void *), void *arg);
bool conns_others_wait(struct conns *c, const char *whose);
/* False: the connection has expired meanwhile, and must not be answered. */
bool conns_set(struct conns *c, int fd, enum conn_state state);
const char *conns_client(const struct conns *c, int fd); /* valid until conns_remove() */

/* Ends what waits longer than the timeout, or for a client that has gone; a request that is half
 * there is told 408.  To be called again and again. */
void conns_expire(struct conns *c);
/* The part of it that lets held-back answers go. */
void conns_resume(struct conns *c);
void conns_count(struct conns *c, size_t *open, size_t *under_way);

/* From now on each answer closes its connection. */
void conns_stop(struct conns *c);
bool conns_stopping(const struct conns *c);

/* Writes an answer to a socket at once, past libmicrohttpd, as far as the socket takes it. */
void conns_tell(int fd, gnutls_session_t tls, const struct answer *a);

/* The address of a peer as text, IPv4 in IPv6 as IPv4; "" when it has none. */
void conns_address(const struct sockaddr *addr, char out[64]);

#endif
