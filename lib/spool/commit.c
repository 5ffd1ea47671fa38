/* commit: the writer's side: jobs staged in tmp/, then published in new/. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "spool/spool_private.h"

static int stage(
    struct spool *s, const struct job *job, char name[SPOOL_NAME_SIZE], struct err *err)
{
	uint64_t random;
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return err_sys(err, "getrandom");
	snprintf(name, SPOOL_NAME_SIZE, "%016" PRIx64, random);
	struct buf text = {0};
	job_render(job, &text);
	struct err why;
	int r = file_write_tmp(s->tmp, name, 0640, text.data, text.len, &why);
	int saved = errno;
	buf_free(&text);
	errno = saved;
	return r < 0 ? err_set(err, "%s/tmp: %s", s->path, why.text) : 0;
}

/* Renames the staged files into new/ in order.  `order` has their numbers before the first rename,
 * so no number is used twice, even if this process dies in between. */
static int publish(struct spool *s, char (*names)[SPOOL_NAME_SIZE], struct job *jobs, size_t count,
    size_t *renamed, struct err *err)
{
	uint64_t first = 0;
	if (order_lock(s, err) < 0)
		return -1;
	int r = order_next(s, count, &first, err);
	for (size_t i = 0; r == 0 && i < count; i++) {
		char name[SPOOL_NAME_SIZE];
		jobs[i].seq = first + i;
		spool_name(jobs[i].seq, name);
		r = renameat2(s->tmp, names[i], s->new_, name, RENAME_NOREPLACE);
		if (r < 0)
			err_sys(err, "cannot rename into %s/new", s->path);
		else
			(*renamed)++;
	}
	order_unlock(s);
	return r;
}

int spool_commit(struct spool *s, struct job *jobs, size_t count, struct err *err)
{
	char(*names)[SPOOL_NAME_SIZE] = mem_alloc(count * sizeof(*names));
	size_t staged = 0, renamed = 0;
	int r = 0;
	for (; r == 0 && staged < count; staged += r == 0)
		r = stage(s, &jobs[staged], names[staged], err);
	if (r == 0)
		r = publish(s, names, jobs, count, &renamed, err);
	int saved = errno;
	for (size_t i = renamed; i < staged; i++)
		unlinkat(s->tmp, names[i], 0);
	free(names);
	errno = saved;
	if (r == 0)
		r = file_sync_dir(s->new_, "spool/new", err);
	return r;
}
