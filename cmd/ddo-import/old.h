/* old: what ddo-import reads, opened so that nothing of it changes and nothing in it surprises.
 *
 * old_read() takes regular files only, up to `max` octets: no fifo blocks it, no device answers.
 * The last part of the path must be no symbolic link, unless `follow`: who could write into the old
 * directory might else make root read what is not his.  -1: err says why, errno is kept.
 */
#ifndef DDO_IMPORT_OLD_H
#define DDO_IMPORT_OLD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

int old_open(const char *path, bool follow, struct err *err);
int old_read(const char *path, bool follow, size_t max, struct buf *out, struct err *err);
bool old_exists(const char *path);
bool old_is_dir(const char *path);
char *old_path(const char *dir, const char *name); /* "DIR/NAME", for free() */

/* Calls `take` for each name in a directory, in order, but for "." and "..".  -1: it cannot be
 * read. */
int old_each(
    const char *dir, void (*take)(void *arg, const char *name), void *arg, struct err *err);

/* Runs a program of the system, and gives its standard output.  1: it ended with another status
 * than 0, and err has its last words; -1: it is not installed, or did not end. */
int old_run(const char *program, char *const argv[], const char *input, size_t len, size_t max,
    struct buf *out, struct err *err);

#endif
