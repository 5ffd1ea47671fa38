/* archive: the last texts of deleted zones.
 *
 * ddo-queue archives a zone in the transaction that deletes it, and `ddo-reconcile --restore`
 * brings it back from there.  The archive holds one version of a zone, its newest.  ddo-queue
 * prunes it once an hour, by reconciliation.archive_days.
 *
 * Times are seconds since the epoch.
 */
#ifndef DDO_STORE_ARCHIVE_H
#define DDO_STORE_ARCHIVE_H

#include "store/store.h"

/* Copies the live zone into the archive and replaces its older version there. */
int store_archive(struct store *st, const char *zone, struct err *err);
/* Fills in serial and digest of *z, and appends the text to *text. 1, 0: not there, -1. */
int store_archived(
    struct store *st, const char *zone, struct store_zone *z, struct buf *text, struct err *err);
/* When the zone was archived. 1, 0: it is not there, -1. */
int store_archived_at(struct store *st, const char *zone, int64_t *when, struct err *err);
/* Forgets what was archived before `before`. */
int store_archive_prune(struct store *st, int64_t before, struct err *err);

#endif
