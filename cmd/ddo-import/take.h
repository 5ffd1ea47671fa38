/* take: puts what the plan takes into the spool, as jobs of the source `import`.
 *
 * Each job holds only while ddo's store knows of the zone what the plan saw: a push that came in
 * the meantime wins.  take_all() commits many zones at once, so after -1 some of them may be there;
 * the next plan has the others.
 */
#ifndef DDO_IMPORT_TAKE_H
#define DDO_IMPORT_TAKE_H

#include "plan.h"

int take_all(const struct plan *p, struct err *err);

#endif
