/* clock: time.  Monotonic for waiting, wall clock for what is stored and shown. */
#ifndef DDO_CLOCK_H
#define DDO_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_mono_ms(void); /* CLOCK_MONOTONIC, milliseconds */
int64_t clock_wall_s(void);  /* seconds since the epoch */
int64_t clock_wall_us(void); /* microseconds since the epoch */
void clock_sleep_ms(int ms);
void clock_rfc3339(int64_t wall_s, char out[32]); /* 2026-11-23T12:00:00Z */

#endif
