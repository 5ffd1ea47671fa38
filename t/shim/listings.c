/* listings: appends a line to $DDO_LISTINGS for each directory that is listed (fdopendir). */
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

DIR *fdopendir(int dir)
{
	DIR *(*next)(int) = (DIR * (*)(int)) dlsym(RTLD_NEXT, "fdopendir");
	int fd = open(getenv("DDO_LISTINGS"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd >= 0) {
		(void)!write(fd, "listed\n", 7);
		close(fd);
	}
	return next(dir);
}
