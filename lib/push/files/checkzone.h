/* checkzone: what a server's own program says about a zone file. */
#ifndef DDO_CHECKZONE_H
#define DDO_CHECKZONE_H

#include <stdbool.h>

#include "base/buf.h"

/* Runs argv (NULL-ended, argv[0] an absolute path) in an empty environment.  True when it ends with
 * code 1: it refuses the file, and `words` has all that it printed. */
bool checkzone_refuses(char *const argv[], struct buf *words);

#endif
