/* da_private: what the files of this room share.
 *
 * From the bottom up: fault.c; http.c, lock.c and the pure answer.c and page.c; call.c, which is
 * the one way to ask; da.c and register.c on top.  A function that fails returns -1 through
 * da_fail(), which sets the fault.  After da_call() returned 0, da->reply is valid until the next
 * call.
 */
#ifndef DDO_DA_PRIVATE_H
#define DDO_DA_PRIVATE_H

#include <curl/curl.h>
#include <stdint.h>

#include "da/answer.h"
#include "da/da.h"

struct da {
	const struct conf *conf;
	const struct conf_da *server;
	char *origin; /* "https://da1.example.com:2222" */
	char *lock_path;
	int64_t locked_until; /* kept here only if lock_path cannot be written */
	int64_t next_us;      /* monotonic µs: not before then the next request */
	enum da_fault fault;
	bool refused;       /* the server refused user and password */
	bool session;       /* CMD_LOGIN was needed and succeeded */
	const char *secret; /* one more to hide, beside the server's password */

	CURL *curl;
	struct curl_slist *connect_to, *headers;
	char words[CURL_ERROR_SIZE];
	struct da_reply reply;
	size_t header_bytes, max;
	bool too_large;
};

/* fault.c: sets the fault and the reason "HOST:PORT: ...", without secrets.  Returns -1. */
int da_fail(struct da *da, enum da_fault fault, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* call.c: one request, with lock-out, pace and login.  form NULL: GET, otherwise POST.  On 0
 * da->reply is an answer without any sign of failure, of at most `max` octets. */
int da_call(struct da *da, const char *path, const struct buf *form, size_t max, struct err *err);

/* http.c */
int da_http_open(struct da *da, struct err *err);
void da_http_close(struct da *da);
/* Sends one request and keeps its answer in da->reply, without judging it. */
int da_http_send(
    struct da *da, const char *path, const struct buf *form, size_t max, struct err *err);

/* lock.c */
void da_lock_open(struct da *da);
int da_lock_check(struct da *da, struct err *err); /* -1: locked out */
/* Remembers the lock-out.  Always -1. */
int da_lock_set(struct da *da, const char *why, struct err *err);

#endif
