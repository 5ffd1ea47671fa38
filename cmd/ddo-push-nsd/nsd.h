/* nsd: what the parts of ddo-push-nsd share. */
#ifndef DDO_NSD_NSD_H
#define DDO_NSD_NSD_H

#include "control.h"
#include "push/files/include.h"
#include "push/files/primary.h"

struct nsd {
	struct primary p; /* first: its functions get this */
	const char *pattern, *checkzone;
	struct control *control;
	struct include *include; /* NULL: zones are added with the pattern */
	bool settled;            /* all that NSD was told is done: nsd_barrier() */
};

/* One command about a zone.  As control_run(); the answer is dropped. */
int nsd_tell(struct nsd *n, const char *verb, const char *zone, struct err *err);

/* Of struct primary_kind; zones.c: */
int nsd_ready(struct primary *p, struct err *err);
/* What the pattern's "ZONES_DIR/%s.db" becomes: the '/' of an RFC 2317 zone starts a directory, so
 * it makes that too. */
int nsd_file(struct primary *p, const char *zone, char out[NAME_FILE_SIZE], struct err *err);
int nsd_owner(
    struct primary *p, const struct primary_work *w, const struct dnsq_item *a, struct err *err);
bool nsd_elsewhere(struct primary *p, const struct primary_work *w);
int nsd_shows(struct primary *p, const struct primary_work *w, struct err *err);
int nsd_through(struct primary *p, struct err *err);
int nsd_words(struct primary *p, const struct primary_work *w, struct err *why, struct err *err);
int nsd_list(void *ctx, FILE *out, struct err *err);
/* tell.c: */
int nsd_tell_batch(struct primary *p, struct primary_batch *batch, struct err *err);
int nsd_reload(struct primary *p, struct primary_work *w, struct err *err);
int nsd_forget(
    struct primary *p, struct primary_batch *batch, struct primary_work *w, struct err *err);
int nsd_finish(struct primary *p, struct primary_batch *batch, struct err *err);
/* check.c: does nsd-checkzone refuse FILE.new, or FILE? */
bool nsd_precheck(struct primary *p, const struct primary_work *w, char *reason, size_t size);
bool nsd_refuses(struct primary *p, const struct primary_work *w, char *reason, size_t size);
/* NSD 4.6 does not look at the length of the names that it hashes. */
bool nsd_dies_of(const struct zone *z, char *reason, size_t size);

extern const struct include_format nsd_format;

extern const struct push_options nsd_options; /* options.c */

#endif
