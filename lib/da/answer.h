/* answer: what an answer from DirectAdmin means.
 *
 * Pure functions over a reply, so that they can be fuzzed; http.c does the talking.  First call
 * da_answer_check(), which finds every sign of failure that any answer may have, then the function
 * for the request.  DA_NONE means that the answer is what was asked for, whole.  Any other fault
 * comes with a reason in `why`, to which the caller adds the server.  A reason quotes at most 160
 * octets of the answer; err_set() cleans them.
 */
#ifndef DDO_DA_ANSWER_H
#define DDO_DA_ANSWER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"
#include "da/da.h"

struct da_reply {
	long status;       /* of HTTP */
	bool framed;       /* Content-Length or chunked: the end is certain */
	bool use_https;    /* X-Use-HTTPS: yes */
	bool unauthorized; /* X-DirectAdmin: Unauthorized */
	char location[512];
	char server[128];
	struct buf body;
};

/* *session: the answer is a redirect to a login page; the fault is DA_DENIED then. */
enum da_fault da_answer_check(
    const struct da_reply *r, const struct conf_da *asked, bool *session, struct err *why);

/* Is the body the text of `zone`? */
enum da_fault da_answer_zone(const struct da_reply *r, const char *zone, struct err *why);

/* Is the body a JSON object, and not an error?  *out is for json_decref(). */
enum da_fault da_answer_json(const struct da_reply *r, json_t **out, struct err *why);

struct da_page {  /* one page of the zone list */
	bool old; /* the old form, which has all names on one page */
	uint64_t total_pages;
	int64_t rows; /* -1: unknown */
	char **names; /* normal */
	size_t count, cap;
	size_t entries; /* with those that are not zone names */
};

/* Reads the answer to a request for `page`, with at most `ipp` entries. */
enum da_fault da_answer_page(
    const struct da_reply *r, uint64_t page, unsigned ipp, struct da_page *out, struct err *why);
void da_page_free(struct da_page *p);

/* The pages so far.  da_pages_add() checks each, in order, against those before. */
struct da_pages {
	uint64_t count, total;
	size_t first, last; /* entries on page 1 and on the latest */
	size_t entries;
	bool rows_total, rows_page; /* does info.rows count all entries, or the page? */
	int64_t rows;               /* of all pages, -1: unknown */
};
enum da_fault da_pages_add(struct da_pages *all, const struct da_page *p, struct err *why);
/* Call it after the last page. */
enum da_fault da_pages_end(const struct da_pages *all, struct err *why);

#endif
