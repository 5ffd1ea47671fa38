/* queue: the directory of a persist-queue, read from its tail to its head.
 *
 * `info` says where the queue begins and ends; the chunks q00000, q00001 ... hold its items,
 * pickles back to back.  queue_read() calls `take` for each item, in order; `where` names the chunk
 * and the octet.  What cannot be read goes into the plan, with how many items that costs.
 */
#ifndef DDO_IMPORT_QUEUE_H
#define DDO_IMPORT_QUEUE_H

#include "pickle.h"
#include "plan.h"

void queue_read(struct plan *p, const char *dir,
    void (*take)(void *arg, const struct pickle_value *item, const char *where), void *arg);

#endif
