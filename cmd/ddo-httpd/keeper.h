/* keeper: the process that keeps the listening sockets, and starts the one that serves them.
 *
 * keeper_run() opens the sockets, then forks: it returns KEEPER_SERVE in each child, which reads
 * the configuration, enters the sandbox, serves, and says keeper_ready().  In the keeper itself it
 * returns the program's exit status.  A child has the sockets from LISTEN_FIRST on, and
 * options->passed counts them.
 *
 * SIGHUP starts another child.  Once that one is ready, the old one gets SIGTERM; if it ends before
 * that, the old one goes on.  So a reload takes all of app.yml or nothing, and no connection is
 * refused.  A child that ends by itself is replaced.  The keeper reads nothing that comes from the
 * network, and tells the service manager what happens (base/notify.h).
 */
#ifndef DDO_KEEPER_H
#define DDO_KEEPER_H

#include "modes.h"

#define KEEPER_SERVE (-1)
#define KEEPER_FAILED (-2) /* a socket cannot be opened: err says why */

/* Call it before any thread exists, with the signals of keeper_signals() blocked. */
int keeper_run(struct server_options *options, unsigned default_port,
    const volatile sig_atomic_t *stop, struct err *err);
/* The signals that a process of ddo-httpd takes only while it waits. */
void keeper_signals(sigset_t *set);
/* Is this process a child of a keeper, also after exec? */
bool keeper_is_above(void);
void keeper_ready(void);

#endif
