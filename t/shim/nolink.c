/* nolink: refuses every hard link, as the kernel does (fs.protected_hardlinks) to a process that
 * neither owns nor may write the file. */
#include <errno.h>
#include <unistd.h>

int linkat(int fd, const char *from, int to_fd, const char *to, int flags)
{
	(void)fd, (void)from, (void)to_fd, (void)to, (void)flags;
	errno = EPERM;
	return -1;
}
