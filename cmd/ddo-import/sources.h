/* sources: the four kinds of what ddo-import takes over.
 *
 * Each fills the plan with what it finds.  0: it looked at everything.  1: somebody writes to it
 * now, later.  -1: there is nothing to take over, or it cannot be read; err says why.
 * SOURCE_CONFLICT: ddo is configured to use the old files.
 */
#ifndef DDO_IMPORT_SOURCES_H
#define DDO_IMPORT_SOURCES_H

#include "plan.h"

#define SOURCE_CONFLICT (-2)

/* A DirectDNSOnly: its directory or app.yml; `environment` as in layout.h. */
int direct_read(struct plan *p, const char *operand, const char *environment, struct err *err);
/* The zones of a named.conf; with `secondaries` its secondary zones, not its primary ones. */
int named_read(struct plan *p, const char *conf, bool secondaries, struct err *err);
/* A DirectSlave: its directory, its directslave.conf, or its named_workdir. */
int directslave_read(struct plan *p, const char *operand, struct err *err);

#endif
