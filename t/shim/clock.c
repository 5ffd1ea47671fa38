/* clock: moves a program's wall clock by the seconds in the file $DDO_CLOCK, read at each look.
 * The monotonic clock stays as it is. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t id, struct timespec *t)
{
	static int (*next)(clockid_t, struct timespec *);
	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
	int r = next(id, t);
	const char *path = getenv("DDO_CLOCK");
	FILE *f = id == CLOCK_REALTIME && path != NULL ? fopen(path, "re") : NULL;
	long offset;
	if (f != NULL && fscanf(f, "%ld", &offset) == 1)
		t->tv_sec += offset;
	if (f != NULL)
		fclose(f);
	return r;
}
