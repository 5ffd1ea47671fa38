/* clock: the two clocks, and time as text.
 *
 * Use the monotonic clock to wait and to measure; it does not step.  Use the wall clock (UTC, since
 * the epoch) for what is stored, shown or compared with another host; it may step back.  No
 * function here fails.
 */
#ifndef DDO_CLOCK_H
#define DDO_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_mono_ms(void);                      /* CLOCK_MONOTONIC, milliseconds */
int64_t clock_wall_s(void);                       /* CLOCK_REALTIME, seconds */
int64_t clock_wall_us(void);                      /* CLOCK_REALTIME, microseconds */
void clock_sleep_ms(int ms);                      /* goes on after a signal */
void clock_rfc3339(int64_t wall_s, char out[32]); /* 2026-11-23T12:00:00Z */

#endif
