/* link: one connection to one of a target's database hosts.
 *
 * link_open() reads the options; link_ready() connects, to the next host when one fails, and
 * prepares the session (strict mode, READ COMMITTED).  Every call that talks to the server returns
 * what a failure means, see enum sql.  A statement is complete, with link_text() around every
 * value; its identifiers are ddo's own or passed link_is_name().  link_close() frees all.
 */
#ifndef DDO_MYSQL_LINK_H
#define DDO_MYSQL_LINK_H

#include <mysql.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"

enum sql {
	SQL_OK,
	SQL_REFUSED, /* this data, always: too long, out of range, a CHECK, a trigger's SIGNAL */
	SQL_TAKEN,   /* a UNIQUE key has it already */
	SQL_ODD,     /* none of the others, as far as ddo knows */
	SQL_AGAIN,   /* deadlock, lock wait, failed certification: the transaction is void */
	SQL_DOWN     /* the server is gone, or ddo lacks rights on it */
};

struct link;

/* The options must have passed options_check().  -1: configuration error. */
int link_open(struct link **out, const struct conf_target *t, struct err *err);
void link_close(struct link *l);

/* SQL_OK or SQL_DOWN, when no host is usable.  *fresh (may be NULL): it had to connect. */
enum sql link_ready(struct link *l, bool *fresh, struct err *err);
void link_drop(struct link *l); /* ends the connection; the next one is to the next host */
const char *link_host(const struct link *l); /* "127.0.0.1:3306", or the socket's path */
size_t link_hosts(const struct link *l);
size_t link_statement_max(const struct link *l); /* bytes, from the server's max_allowed_packet */

enum sql link_exec(struct link *l, const struct buf *statement, struct err *err);
/* Sends it and does not wait for the server.  The next call that talks to the server returns its
 * failure; link_result() its rows. */
enum sql link_post(struct link *l, const struct buf *statement, struct err *err);
enum sql link_result(struct link *l, MYSQL_RES **res, struct err *err);
/* *res is for mysql_free_result(). */
enum sql link_query(struct link *l, const struct buf *statement, MYSQL_RES **res, struct err *err);
enum sql link_say(
    struct link *l, const char *statement, struct err *err); /* link_exec() of a text */

void link_text(struct link *l, struct buf *out, const char *value); /* quoted; NULL: NULL */
/* 1 to 64 of [A-Za-z0-9_$], so that it means nothing but itself between backquotes. */
bool link_is_name(const char *identifier);

/* denied.c: adds to err that an account with REQUIRE SSL gets "Access denied" without TLS. */
void link_explain(MYSQL *my, bool tls, bool is_local, struct err *err);

#endif
