/* when: a time as text. */
#include "base/clock.h"
#include "status/status_private.h"

json_t *status_when(int64_t wall_s)
{
	char text[32];
	clock_rfc3339(wall_s, text);
	return json_string(text);
}
