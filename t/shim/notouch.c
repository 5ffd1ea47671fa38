/* notouch: refuses to set the times of a FILE.good, as the kernel does to a process that neither
 * owns nor may write the file. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int utimensat(int dir, const char *path, const struct timespec times[2], int flags)
{
	size_t len = strlen(path);
	if (len < 5 || strcmp(path + len - 5, ".good") != 0)
		return (int)syscall(SYS_utimensat, dir, path, times, flags);
	errno = EACCES;
	return -1;
}
