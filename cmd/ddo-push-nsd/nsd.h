/* nsd: what the parts of ddo-push-nsd share.
 *
 * Each .c file here has one task: zones.c (what NSD has), check.c (nsd-checkzone), tell.c (the
 * changes), format.c (nsd.conf).  Functions return -1 when NSD is gone (err), unless said
 * otherwise.  Those that get a struct primary are hooks of struct primary_kind (primary.h).
 */
#ifndef DDO_NSD_NSD_H
#define DDO_NSD_NSD_H

#include "control.h"
#include "push/files/include.h"
#include "push/files/primary.h"

struct nsd {
	struct primary p; /* first: its functions get this; p.list NULL: zones get the pattern */
	const char *pattern, *checkzone, *zone_list, *control_path;
	struct control *control;
	bool idle; /* NSD is done with all that it was told: barrier() in zones.c */
};

/* zones.c */
int nsd_owner(struct primary *p, const struct work *w, struct err *err);
int nsd_shows(struct primary *p, const struct work *w, struct err *err);
int nsd_outcome(struct primary *p, const struct work *w, struct err *why, struct err *err);
int nsd_list(void *ctx, FILE *out, struct err *err);

/* check.c */
bool nsd_refuses(
    struct primary *p, const struct work *w, enum primary_stage stage, char *reason, size_t size);

/* tell.c */
int nsd_tell_batch(struct primary *p, struct work_batch *batch, struct err *err);
int nsd_tell_one(
    struct primary *p, struct work_batch *batch, struct work *w, enum work_op op, struct err *err);
int nsd_finish(struct primary *p, struct work_batch *batch, struct err *err);

/* lasting.c */
/* -1: NSD has no such pattern, or is gone. */
int nsd_pattern(struct nsd *n, struct err *err);
/* false: its zone.list is of another user, and its unit keeps root from opening it. */
bool nsd_starts_again(const struct nsd *n);

extern const struct include_format nsd_format; /* format.c */

extern const struct push_options nsd_options; /* options.c */

#endif
