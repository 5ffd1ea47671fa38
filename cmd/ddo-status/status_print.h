/* status_print: what status.h gathers, for people. */
#ifndef DDO_STATUS_PRINT_H
#define DDO_STATUS_PRINT_H

#include <jansson.h>

void status_print(const json_t *status);
void status_print_zone(const json_t *zone);

#endif
