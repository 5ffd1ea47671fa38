/* database: DirectDNSOnly's SQLite database, table `domains`.
 *
 * database_read() reads a copy in a directory of its own, together with the journal or the WAL
 * beside it: SQLite writes when it recovers what a killed program left, and must write there.  0:
 * every row is in the plan.  1: somebody writes to the database now.  -1: it cannot be read.
 */
#ifndef DDO_IMPORT_DATABASE_H
#define DDO_IMPORT_DATABASE_H

#include "plan.h"

int database_read(struct plan *p, const char *path, struct err *err);

#endif
