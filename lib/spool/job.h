/* job: one accepted change, and its text form in the spool (ddo-spool(5)).
 *
 * A job file is header lines "key: value", an empty line, then a text.  The text of a put is the
 * zone's, exactly as it came.  A writer fills in a zeroed struct job, calls job_stamp() and hands
 * it to spool_commit(); such a job keeps the caller's strings, and needs no job_free().
 * job_parse() checks every field again, because any local program may write to the spool.  It
 * returns 0, or -1 and a reason; the strings of a parsed job live until job_free().
 */
#ifndef DDO_JOB_H
#define DDO_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "dns/name.h"

enum job_op {
	JOB_PUT,    /* the zone becomes `text` */
	JOB_DEL,    /* delete the zone */
	JOB_WANTED, /* the zone exists at its origin; ddo-reconcile pulls its text from there */
	/* Send the deliveries of `target` and `zone` at once; an empty one stands for all. */
	JOB_RETRY,
	JOB_OWN,     /* `origin` owns the zone from now on; nothing else changes */
	JOB_RESEND,  /* send the zones in the text, one a line, to `target` again */
	JOB_RESTORE, /* bring a deleted zone back from the archive, without an owner */
	JOB_REPORT,  /* what a run of `source` did, as JSON */
	JOB_REFUSED, /* a door refused a push of the zone, for `reason` */
	JOB_ALLOW,   /* the held text of the zone becomes the zone */
	JOB_FORGET   /* no longer show that the newest push of the zone was refused */
};

#define JOB_REASON_SIZE 256

struct job {
	enum job_op op;
	char zone[NAME_SIZE];   /* normal; none: JOB_RESEND, JOB_REPORT; optional: JOB_RETRY */
	char target[65];        /* JOB_RETRY, JOB_RESEND */
	char origin[NAME_SIZE]; /* the DirectAdmin host that sent it; "" when unknown */
	char user[65];          /* "" when unknown */
	char source[16];        /* push, manual, reconcile, import, peer */
	char client[64];        /* address of the peer, "" for a shell */
	char accepted[40];      /* RFC 3339, UTC, nanoseconds; job_stamp() fills it in */
	/* The job counts only while the store's seq of the zone is `seen` (0: no such zone).  Its
	 * sender asked elsewhere first, and must not undo what came in the meantime. */
	bool conditional;
	uint64_t seen;
	/* put, del, wanted: the sender may change an existing zone only if one of these hosts,
	 * separated by blanks, owns it; NULL: any zone. */
	const char *mine;
	char reason[JOB_REASON_SIZE]; /* JOB_REFUSED; one line */
	uint64_t seq; /* place in the order of acceptance: the file's name, not in the text */
	const char *text;
	size_t text_len;
	char *owned, *owned_mine; /* what text and mine point into after job_parse() */
};

void job_stamp(struct job *job); /* accepted = now */
void job_render(const struct job *job, struct buf *out);
int job_parse(struct job *job, const char *data, size_t len, struct err *err);
void job_free(struct job *job);

#endif
