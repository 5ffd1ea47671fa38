/* refuse: zones that the server behind the tables would not serve record for record.
 *
 * The schemas call these before they make rows, so that the server keeps the version before.  What
 * only the server can tell, because it depends on its version, shows after the rows are written
 * (push/confirm_rows.h).  Tried with PowerDNS 4.7 and CoreDNS with miekg/dns 1.1.52.  Functions
 * return 0, or -1 and in err which RRset is refused and why.
 */
#ifndef DDO_MYSQL_REFUSE_H
#define DDO_MYSQL_REFUSE_H

#include <stdbool.h>

#include "base/err.h"
#include "dns/zone.h"

/* presigned: PowerDNS takes the RRSIGs from the table. */
int refuse_for_pdns(const struct zone *z, bool presigned, struct err *err);
int refuse_for_coredns(const struct zone *z, struct err *err);

#endif
