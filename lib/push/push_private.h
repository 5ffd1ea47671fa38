/* push_private: the verb batch (batch.c), for main.c alone.
 *
 * push_batch() speaks the protocol of ddo-push(7) on `in` and `out` until the input ends, and
 * returns the exit code: 0, 69 when the target is down, 64 for a breach of the protocol, which it
 * reports.  It applies nothing that no commit follows.  `ctx` is what kind->open() made; the caller
 * closes it.
 */
#ifndef DDO_PUSH_PRIVATE_H
#define DDO_PUSH_PRIVATE_H

#include "push/main.h"

int push_batch(const struct push_kind *kind, void *ctx, const struct conf *conf, int in, FILE *out);

#endif
