/* notify: tells the service manager what state this process is in (sd_notify(3)).
 *
 * The state is lines of NAME=VALUE: "READY=1", "STOPPING=1", "STATUS=...".  It goes as one datagram
 * to the Unix socket that NOTIFY_SOCKET names; one that begins with '@' is abstract.  Without that
 * variable nothing happens, and nothing is unset.  A message that cannot be sent is lost.
 *
 * The first call opens the socket and the next ones keep it.  So a process that is about to enter a
 * sandbox calls notify_open() before.  notify_reloading() is the message that begins a reload;
 * "READY=1" ends it.  Only one thread may call these functions.
 */
#ifndef DDO_NOTIFY_H
#define DDO_NOTIFY_H

void notify_open(void);
void notify(const char *state);
void notify_reloading(void);

#endif
