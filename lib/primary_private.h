/* primary_private: between the parts of primary. */
#ifndef DDO_PRIMARY_PRIVATE_H
#define DDO_PRIMARY_PRIVATE_H

#include "primary.h"

/* primary_plan.c: what is to be done, and the files.  -1: the target is down. */
int primary_plan(struct primary *p, struct primary_batch *batch, struct err *err);
/* primary_confirm.c: waits until the server answers so, finds out why when it does not. */
int primary_confirm(struct primary *p, struct primary_batch *batch, struct err *err);

#endif
