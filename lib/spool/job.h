/* job: one accepted change, and its text form in the spool (ddo-spool(5)).
 *
 * Header lines "key: value", an empty line, then a text: put the zone's, exactly as it came.
 * job_parse() checks everything again: the spool is a door too.  Strings of a parsed job point into
 * memory that job_free() releases; a job that a caller fills in itself keeps the caller's strings.
 */
#ifndef DDO_JOB_H
#define DDO_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "dns/name.h"

enum job_op {
	JOB_PUT,     /* the zone is now `text` */
	JOB_DEL,     /* the zone is gone */
	JOB_WANTED,  /* the zone exists at its origin, its text is to be pulled from there */
	JOB_RETRY,   /* an operator's: deliveries of target/zone (each may be empty: all) go at once
		      */
	JOB_OWN,     /* the zone belongs to `origin` from now on, nothing else changes */
	JOB_RESEND,  /* to `target`: the zones in the text, one a line, whatever it has confirmed */
	JOB_RESTORE, /* a deleted zone comes back from the archive, without an owner */
	JOB_REPORT,  /* what a run of `source` did, as JSON */
	JOB_REFUSED, /* a push of the zone was refused at a door, for `reason` */
	JOB_ALLOW,   /* what is held of the zone becomes the zone */
	JOB_FORGET   /* that its newest push was refused is not to be shown any more */
};

#define JOB_REASON_SIZE 256

struct job {
	enum job_op op;
	char zone[NAME_SIZE]; /* normal; none for JOB_RESEND and JOB_REPORT, may be for JOB_RETRY */
	char target[65];      /* JOB_RETRY, JOB_RESEND */
	char origin[NAME_SIZE]; /* DirectAdmin host that speaks; "" when it did not say */
	char user[65];          /* "" when unknown */
	char source[16];        /* push, manual, reconcile, peer */
	char client[64];        /* address of the peer, "" for a shell */
	char accepted[40];      /* RFC 3339, UTC, nanoseconds; job_stamp() fills it in */
	bool conditional; /* holds only while the store's seq of the zone is `seen` (0: never heard
			     of it): whoever asked elsewhere first must not undo what came since */
	uint64_t seen;
	const char *mine; /* put, del, wanted: who speaks may touch a zone that is there only when
			     one of these hosts, separated by blanks, owns it; NULL: any zone */
	char reason[JOB_REASON_SIZE]; /* JOB_REFUSED; one line */
	uint64_t seq; /* place in the order of acceptance; not in the text: the file's name */
	const char *text;
	size_t text_len;
	char *owned, *owned_mine; /* what text and mine point into after job_parse() */
};

void job_stamp(struct job *job); /* accepted = now */
void job_render(const struct job *job, struct buf *out);
int job_parse(struct job *job, const char *data, size_t len, struct err *err);
void job_free(struct job *job);

#endif
