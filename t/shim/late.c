/* late: SIGTERM arrives right before a program becomes another one. */
#include <dlfcn.h>
#include <signal.h>
#include <unistd.h>

int execv(const char *path, char *const argv[])
{
	int (*real)(const char *, char *const *);
	*(void **)&real = dlsym(RTLD_NEXT, "execv");
	kill(getpid(), SIGTERM);
	return real(path, argv);
}
