/* checkzone: what a server's own checker says about a zone file.
 *
 * named-checkzone, nsd-checkzone and kzonecheck end with code 1 when they refuse a file.  Another
 * code, a signal, or a checker that is missing or slow, proves nothing: then the file counts as
 * not refused, and the server itself decides.
 */
#ifndef DDO_CHECKZONE_H
#define DDO_CHECKZONE_H

#include <stdbool.h>

#include "base/buf.h"

/* Runs argv (it ends with NULL; argv[0] is an absolute path) in an empty environment.  True: it
 * refuses the file.  `words` gets all that it printed. */
bool checkzone_refuses(char *const argv[], struct buf *words);

#endif
