/* primary_private: the parts of primary_apply(), in the order of their calls.
 *
 * primary_plan() decides what is to be done and writes the files.  After the kind told the server,
 * primary_confirm() waits until the server answers so, or finds out why it does not.  The
 * primary_dead_*() functions take over when the server is gone: the next start of the server must
 * not find what it may have died of.  They add to `err`, the reason, what they did, and leave the
 * works due.  -1 from the others: the server is gone (err).
 */
#ifndef DDO_PRIMARY_PRIVATE_H
#define DDO_PRIMARY_PRIVATE_H

#include "push/files/primary.h"

int primary_plan(struct primary *p, struct work_batch *batch, struct err *err);
int primary_confirm(struct primary *p, struct work_batch *batch, struct err *err);

bool primary_is_gone(struct primary *p); /* it does not answer over DNS */
/* It was told: what it did not confirm leaves the disk.  The last good files and the declarations
 * before return. */
void primary_dead_undo(struct primary *p, struct work_batch *batch, struct err *err);
/* It was gone before the batch: files and declarations are put right, where FILE is there. */
void primary_dead_apply(struct primary *p, struct work_batch *batch, struct err *err);

#endif
