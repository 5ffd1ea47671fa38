/* zonefile: a target's directory of zone files.
 *
 *   FILE        what the server reads
 *   FILE.good   the last version that the server answered with, while FILE is not proven yet
 *   FILE.void   instead of FILE.good: there was no version before
 *   FILE.new    being written
 *
 * zonefile_write() writes FILE.new; zonefile_flush() makes all written files durable;
 * zonefile_install() links (or copies) FILE to FILE.good, or makes FILE.void, and renames FILE.new
 * to FILE.  FILE is relative to the directory, or an absolute path.
 *
 * A function returns 0; -1 when no zone can be written (a full disk, no directory); or ZONEFILE_ODD
 * when only this file is in the way: err tells the operator what to do.  None opens a fifo.
 */
#ifndef DDO_ZONEFILE_H
#define DDO_ZONEFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "dns/zone.h"

#define ZONEFILE_ODD 1

bool zonefile_exists(int dir, const char *file, const char *suffix); /* a regular file */
bool zonefile_is(int dir, const char *file, const struct buf *text); /* FILE holds this text */
int zonefile_write(int dir, const char *file, const struct buf *text, int *fd, struct err *err);
int zonefile_flush(int dir, int *fds, size_t count, struct err *err); /* closes all; 0, -1 */
int zonefile_install(int dir, const char *file, struct err *err);     /* or FILE.new goes */
int zonefile_restore(int dir, const char *file, struct err *err);     /* FILE.good is FILE again */
/* Brings back what was before FILE, which may be nothing (*gone).  Without FILE.good and FILE.void
 * it changes nothing (*back is false).  The caller fsyncs the directory. */
int zonefile_back(int dir, const char *file, bool *back, bool *gone, struct err *err);
int zonefile_stamp(int dir, const char *file, int64_t after_s, struct err *err);
/* Makes FILE older than any load, until zonefile_stamp(). */
int zonefile_stamp_old(int dir, const char *file, struct err *err);
int zonefile_settle(int dir, const char *file, struct err *err); /* proven: good, void go */
int zonefile_remove(int dir, const char *file, struct err *err); /* a directory stays */
int zonefile_probe(int dir, struct err *err); /* the directory takes a file.  0, -1 */

/* "ZONES_DIR/FILE" */
void zonefile_path(const char *zones_dir, const char *file, struct buf *out);
/* The zone's file: as name_to_file(), or, of a tree, ZONE.db, where the '/' of an RFC 2317 zone
 * starts a directory.  False: ZONE.db is too long for a file, so the name was cut. */
bool zonefile_name(const char *zone, bool tree, char out[NAME_FILE_SIZE]);
void zonefile_make_dirs(int dir, const char *file); /* a failure shows when FILE is written */
void zonefile_drop_dirs(int dir, const char *file); /* those that are empty */

/* The zone's name from its file's, where the file does not tell.  -1: no name, or a cut one. */
int zonefile_zone(const char *file, char zone[NAME_SIZE]);
/* The zone in FILE, as ddo or DirectAdmin wrote it.  `suffix` is "" or ".good". */
int zonefile_parse(
    int dir, const char *file, const char *suffix, struct zone **out, struct err *err);

#endif
