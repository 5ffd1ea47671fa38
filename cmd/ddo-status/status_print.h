/* status_print: the JSON of status.h as lines for people.
 *
 * Both functions print to standard output, and the caller checks its errors.  The lines may change
 * from version to version; programs read --json.  A key that is missing prints as nothing or 0.
 */
#ifndef DDO_STATUS_PRINT_H
#define DDO_STATUS_PRINT_H

#include <jansson.h>

void status_print(const json_t *status);
void status_print_zone(const json_t *zone);

#endif
