/* spool_private: what the files of this room share.
 *
 * From the bottom up: names.c (numbers as file names, listings), order.c (the numbers and their
 * lock), then commit.c (the writer's side), scan.c (the runner's side) and spool.c (open, close).
 * order_next() is called between order_lock() and order_unlock(); the other functions of order.c
 * take the lock themselves.  All return 0, or -1 with a reason in err.
 */
#ifndef DDO_SPOOL_PRIVATE_H
#define DDO_SPOOL_PRIVATE_H

#include <dirent.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spool/spool.h"

#define SPOOL_NAME_SIZE 24
#define SPOOL_BOOT_SIZE 37

struct spool {
	char *path;
	int dir, tmp, new_, bad, order;
	pthread_mutex_t mutex; /* with the flock of `order`: see order_lock() */
	char boot[SPOOL_BOOT_SIZE];
};

/* names.c */
void spool_name(uint64_t seq, char out[SPOOL_NAME_SIZE]);
uint64_t spool_number(const char *name); /* 0: not a job's file name */
DIR *spool_list(int dirfd, const char *what, struct err *err);
struct spool_listing {
	size_t count;             /* files, odd ones included */
	uint64_t least, greatest; /* job numbers; 0: none */
};
int spool_survey(int dirfd, const char *what, struct spool_listing *out, struct err *err);

/* order.c */
int order_open(struct spool *s, bool create, struct err *err);
int order_lock(struct spool *s, struct err *err);
void order_unlock(struct spool *s);
/* Hands out `count` numbers from *first on, and has written them to `order` when it returns. */
int order_next(struct spool *s, size_t count, uint64_t *first, struct err *err);
/* The last number handed out; every rename up to it has happened. */
int spool_last(struct spool *s, uint64_t *last, struct err *err);

#endif
