/* clock: the two clocks, and time as text. */
#include "base/clock.h"

#include <errno.h>

#include <stdio.h>
#include <time.h>

static struct timespec get(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t); /* cannot fail for these two clocks */
	return t;
}

int64_t clock_mono_ms(void)
{
	struct timespec t = get(CLOCK_MONOTONIC);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_wall_s(void)
{
	return get(CLOCK_REALTIME).tv_sec;
}

int64_t clock_wall_us(void)
{
	struct timespec t = get(CLOCK_REALTIME);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void clock_rfc3339(int64_t wall_s, char out[32])
{
	time_t when = (time_t)wall_s;
	struct tm tm;
	if (gmtime_r(&when, &tm) == NULL || strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(out, 32, "%lld", (long long)wall_s);
}

void clock_sleep_ms(int ms)
{
	struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		continue;
}
