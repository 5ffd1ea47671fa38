/* check: asks the push program of each enabled target whether its options are right.
 *
 * check_start() starts them all with the verb `check` (ddo-push(7)); check_over() reads what they
 * say, without waiting, and ends those that take more than 10 s; check_end() tells the result and
 * frees.  -1: the first target, in the order of the file, whose program said 78 (EX_CONFIG), or
 * whose type has no program; err is the program's own line.  Any other exit code says nothing
 * about the options: a program of the operator's own need not know the verb.
 *
 * `conf` must live until check_end(), which may come at any time: it kills what still runs.
 */
#ifndef DDO_QUEUE_CHECK_H
#define DDO_QUEUE_CHECK_H

#include "conf/conf.h"

struct check;

struct check *check_start(const struct conf *conf);
bool check_over(struct check *c);
int check_end(struct check *c, struct err *err);

/* All of it, and waits. */
int check_targets(const struct conf *conf, struct err *err);

#endif
