/* da_answer: what an answer of DirectAdmin's is.
 *
 * Pure functions over what came, so that they can be fuzzed; da.c does the talking.  First
 * da_answer_check(), which finds every sign of failure that any answer may bear; then the function
 * of what was asked.  DA_NONE: what was asked for, whole.  Everything else comes with a reason, to
 * which the caller adds who said it.  What is quoted is cut; err_set() cleans it.
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
	bool framed;       /* Content-Length or chunked: its end is certain */
	bool use_https;    /* X-Use-HTTPS: yes */
	bool unauthorized; /* X-DirectAdmin: Unauthorized */
	char location[512];
	char server[128];
	struct buf body;
};

/* *session: it is a redirect towards a login page (DA_DENIED when logging in does not help). */
enum da_fault da_answer_check(
    const struct da_reply *r, const struct conf_da *asked, bool *session, struct err *why);

/* The body is the text of `zone`. */
enum da_fault da_answer_zone(const struct da_reply *r, const char *zone, struct err *why);

/* The body is a JSON object that is no error; for json_decref(). */
enum da_fault da_answer_json(const struct da_reply *r, json_t **out, struct err *why);

struct da_page {  /* one page of the zone list */
	bool old; /* the old form, which has all in one */
	uint64_t total_pages;
	int64_t rows; /* -1: not said */
	char **names; /* normal */
	size_t count, cap;
	size_t entries; /* those that are no zone names included */
};

/* The answer to a question for `page` of at most `ipp` entries. */
enum da_fault da_answer_page(
    const struct da_reply *r, uint64_t page, unsigned ipp, struct da_page *out, struct err *why);
void da_page_free(struct da_page *p);

/* Pages in their order, each checked against those before. */
struct da_pages {
	uint64_t count, total;
	size_t first, last; /* entries on page 1 and on the latest */
	size_t entries;
	bool rows_total, rows_page; /* info.rows may count all, or the page */
	int64_t rows;               /* of all, -1: not said */
};
enum da_fault da_pages_add(struct da_pages *all, const struct da_page *p, struct err *why);
/* After the last page. */
enum da_fault da_pages_end(const struct da_pages *all, struct err *why);

#endif
