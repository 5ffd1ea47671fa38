/* primary_private: between the parts of primary. */
#ifndef DDO_PRIMARY_PRIVATE_H
#define DDO_PRIMARY_PRIVATE_H

#include "push/files/primary.h"

/* primary_plan.c: what is to be done, and the files.  -1: the target is down. */
int primary_plan(struct primary *p, struct primary_batch *batch, struct err *err);
/* primary_confirm.c: waits until the server answers so, finds out why when it does not. */
int primary_confirm(struct primary *p, struct primary_batch *batch, struct err *err);
/* primary_dead.c, when the server is gone.  Behind `err`, its reason, stands what was done.  What
 * it was told and did not confirm goes from disk: the last good files return, and what is declared
 * in a file.  All of it is still due. */
void primary_dead_undo(struct primary *p, struct primary_batch *batch, struct err *err);
/* It was gone before the batch: files and declarations are put right, so far as a file of ours is
 * there. */
void primary_dead_apply(struct primary *p, struct primary_batch *batch, struct err *err);

bool primary_is_gone(struct primary *p); /* it does not answer over DNS */

#endif
