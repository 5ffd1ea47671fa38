/* da_private: what the parts of da.c share. */
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
	int64_t locked_until; /* where lock_path could not be written */
	int64_t next_us;      /* monotonic: when the next request may go */
	enum da_fault fault;
	bool refused;       /* user and password were */
	bool session;       /* CMD_LOGIN was needed and went well */
	const char *secret; /* of another than `server`, not to be shown either */

	CURL *curl;
	struct curl_slist *connect_to, *headers;
	char words[CURL_ERROR_SIZE];
	struct da_reply reply;
	size_t header_bytes, max;
	bool too_large;
};

/* "HOST:PORT: reason", and the fault; -1. */
int da_fail(struct da *da, enum da_fault fault, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* One request with all that may belong to it: lock-out, pace, login.  form NULL: GET.  da->reply is
 * an answer that bears no sign of failure, of at most `max` octets. */
int da_call(struct da *da, const char *path, const struct buf *form, size_t max, struct err *err);

int da_http_open(struct da *da, struct err *err); /* da_http.c */
void da_http_close(struct da *da);
/* Sends and takes the answer, whatever it is. */
int da_http_send(
    struct da *da, const char *path, const struct buf *form, size_t max, struct err *err);

void da_lock_open(struct da *da); /* da_lock.c */
int da_lock_check(struct da *da, struct err *err);
int da_lock_set(struct da *da, const char *why, struct err *err);

#endif
