/* filter: the seccomp(2) filter that lets some system calls through.
 *
 * A binary search over the ranges of their numbers.  All others fail with EPERM; a call of another
 * architecture ends the process.
 */
#ifndef DDO_FILTER_H
#define DDO_FILTER_H

#include <linux/filter.h>
#include <stddef.h>

#include "base/err.h"

#define FILTER_MOST(count) (4 + 5 * (count)) /* instructions for so many calls */

/* Fills in out->filter, which has room for FILTER_MOST(count), and out->len.  -1: there are so many
 * that a jump does not reach. */
int filter_make(
    unsigned arch, const unsigned *calls, size_t count, struct sock_fprog *out, struct err *err);

#endif
