/* crash: ends a program before its Nth call that changes something outside of it.
 *
 * It counts calls of write, pwrite, writev, send, sendmsg, fsync, fdatasync, ftruncate,
 * rename*, link* and unlink* by the program and its libraries.  It does not see stdio's own writes,
 * which stay inside libc, nor count writes to descriptors 0 to 2, unless DDO_CRASH_STDIO=1.
 *
 *   DDO_CRASH_AT=N      before the Nth call the process ends with status 137, as after SIGKILL
 *   DDO_CRASH_TORN=1    if that call is a write or pwrite, its first half still happens
 *   DDO_CRASH_COUNT=F   each call appends a line "N FUNCTION" to F, so that `wc -l` tells their
 *                       number, however the program ended
 *   DDO_CRASH_ONLY=S    only in programs whose name contains S (children inherit LD_PRELOAD with
 *                       the environment)
 *
 * A forked child goes on counting from where its parent was; an exec starts anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_ulong calls;
static unsigned long crash_at;
static bool torn, count_stdio, active;
static const char *count_file;

__attribute__((constructor)) static void start(void)
{
	const char *only = getenv("DDO_CRASH_ONLY"), *at = getenv("DDO_CRASH_AT");

	active = only == NULL || strstr(program_invocation_short_name, only) != NULL;
	crash_at = at != NULL ? strtoul(at, NULL, 10) : 0;
	torn = getenv("DDO_CRASH_TORN") != NULL;
	count_stdio = getenv("DDO_CRASH_STDIO") != NULL;
	count_file = getenv("DDO_CRASH_COUNT");
}

/* Opens the file each time: programs that close everything above 2 would close a kept descriptor
 * and reuse its number. */
static void record(unsigned long number, const char *function)
{
	int saved = errno;
	char line[64];
	int fd = open(count_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

	if (fd >= 0) {
		int len = snprintf(line, sizeof(line), "%lu %s\n", number, function);
		syscall(SYS_write, fd, line, (size_t)len);
		close(fd);
	}
	errno = saved;
}

/* True: end at this call. */
static bool count(const char *function)
{
	if (!active)
		return false;
	unsigned long number = atomic_fetch_add(&calls, 1) + 1;
	if (count_file != NULL)
		record(number, function);
	return number == crash_at;
}

static void end(void)
{
	for (;;)
		syscall(SYS_exit_group, 137);
}

static bool counts(int fd)
{
	return count_stdio || fd > 2;
}

ssize_t write(int fd, const void *data, size_t len)
{
	if (counts(fd) && count("write")) {
		if (torn)
			syscall(SYS_write, fd, data, len / 2);
		end();
	}
	return syscall(SYS_write, fd, data, len);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	if (counts(fd) && count("pwrite")) {
		if (torn)
			syscall(SYS_pwrite64, fd, data, len / 2, at);
		end();
	}
	return syscall(SYS_pwrite64, fd, data, len, at);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	return pwrite(fd, data, len, at);
}

/* SIMPLE makes a wrapper: it ends the process at the chosen call, or makes the system call. */
#define SIMPLE(function, arguments, ...) \
	int function arguments \
	{ \
		if (count(#function)) \
			end(); \
		return (int)syscall(__VA_ARGS__); \
	}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
	if (counts(fd) && count("writev"))
		end();
	return syscall(SYS_writev, fd, parts, n);
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	if (counts(fd) && count("send"))
		end();
	return syscall(SYS_sendto, fd, data, len, flags, NULL, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	if (counts(fd) && count("sendmsg"))
		end();
	return syscall(SYS_sendmsg, fd, message, flags);
}

SIMPLE(fsync, (int fd), SYS_fsync, fd)
SIMPLE(fdatasync, (int fd), SYS_fdatasync, fd)
SIMPLE(ftruncate, (int fd, off_t size), SYS_ftruncate, fd, size)
SIMPLE(ftruncate64, (int fd, off64_t size), SYS_ftruncate, fd, size)
SIMPLE(rename, (const char *from, const char *to), SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0)
SIMPLE(renameat, (int fd, const char *from, int to_fd, const char *to), SYS_renameat2, fd, from,
    to_fd, to, 0)
SIMPLE(renameat2, (int fd, const char *from, int to_fd, const char *to, unsigned flags),
    SYS_renameat2, fd, from, to_fd, to, flags)
SIMPLE(link, (const char *from, const char *to), SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0)
SIMPLE(linkat, (int fd, const char *from, int to_fd, const char *to, int flags), SYS_linkat, fd,
    from, to_fd, to, flags)
SIMPLE(unlink, (const char *path), SYS_unlinkat, AT_FDCWD, path, 0)
SIMPLE(unlinkat, (int fd, const char *path, int flags), SYS_unlinkat, fd, path, flags)
