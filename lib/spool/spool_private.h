/* spool_private: what spool.c (writing) and spool_read.c (the runner's side) share. */
#ifndef DDO_SPOOL_PRIVATE_H
#define DDO_SPOOL_PRIVATE_H

#include <pthread.h>
#include <stdint.h>

#include "spool/spool.h"

#define SPOOL_NAME_SIZE 24

struct spool {
	char *path;
	int dir, tmp, new_, bad, order;
	pthread_mutex_t mutex;
	char boot[37];
};

void spool_name(uint64_t seq, char out[SPOOL_NAME_SIZE]);
int spool_greatest(struct spool *s, uint64_t *greatest, struct err *err); /* in new/; 0: none */
/* The last number handed out; every rename up to it has happened. */
int spool_mark(struct spool *s, uint64_t *mark, struct err *err);

#endif
