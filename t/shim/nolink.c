/* nolink: every hard link is refused, as the kernel does to who neither owns nor may write the file
 * (fs.protected_hardlinks). */
#include <errno.h>
#include <unistd.h>

int linkat(int fd, const char *from, int to_fd, const char *to, int flags)
{
	(void)fd, (void)from, (void)to_fd, (void)to, (void)flags;
	errno = EPERM;
	return -1;
}
