/* include: the file of zone statements that belongs to ddo and that a server's configuration
 * includes.
 *
 * include_open() reads nothing; include_read() parses the file, and parses it again only when it
 * changed on disk.  Statements about zones with a file become entries; all else stays in the file
 * as it is.  Changes stay in memory until include_write(), which is atomic and durable.  Functions
 * that can fail return -1 (err).  The program's own format is in struct include_format.
 */
#ifndef DDO_INCLUDE_H
#define DDO_INCLUDE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "push/files/work.h"

struct include;

struct include_format {
	const char *header; /* the first lines of a file that ddo wrote */
	/* include_put() for each zone, include_keep() for all else.  -1: `unreadable`. */
	int (*parse)(struct include *inc, const char *text, const char *end);
	void (*print)(struct buf *out, const char *zone, const char *file);
	const char *unreadable; /* what is wrong with a file that does not parse */
};

/* Keeps both pointers, copies nothing. */
void include_open(struct include **out, const struct include_format *format, const char *path);
void include_close(struct include *inc);

int include_read(struct include *inc, struct err *err); /* a missing file is an empty one */
/* The zone's file clause; NULL when it is not listed.  Valid until the next change. */
const char *include_file(const struct include *inc, const char *zone);
void include_put(struct include *inc, const char *zone, const char *file);
void include_del(struct include *inc, const char *zone);
bool include_changed(const struct include *inc); /* since it was read or written */
int include_write(struct include *inc, struct err *err);
size_t include_count(const struct include *inc);
const char *include_zone(const struct include *inc, size_t i); /* sorted */
void include_keep(struct include *inc, const char *text, size_t len);
/* Is the zone listed with another file than w's, or not at all? */
bool include_elsewhere(const struct include *inc, const struct primary *p, const struct work *w);

/* What a push program does with it.  include_plan() puts in what is to be added, takes out what is
 * to be deleted, and makes these works told.  include_forget() takes one back. */
void include_plan(struct include *inc, const struct primary *p, struct work_batch *batch);
void include_forget(struct include *inc, struct work_batch *batch, const struct work *w);
/* When the server has read the list again: removes the files of what was taken back. */
int include_clear(const struct include *inc, const struct primary *p,
    const struct work_batch *batch, struct err *err);
/* Did the zone move to FILE from another file while it was served?  Then it needs a reload. */
bool include_moved(const struct work *w);

#endif
