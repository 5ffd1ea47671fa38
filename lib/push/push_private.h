/* push_private: what push.c and push_batch.c share. */
#ifndef DDO_PUSH_PRIVATE_H
#define DDO_PUSH_PRIVATE_H

#include "push/main.h"

/* Speaks `batch` until the input ends; returns the exit code.  What was not followed by a commit
 * when the input ends is not applied. */
int push_batch(const struct push_kind *kind, void *ctx, const struct conf *conf, int in, FILE *out);

#endif
