#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights of later ABIs than Debian 12's header knows (landlock(7)). */
#define RIGHT_TRUNCATE (1ULL << 14) /* ABI 3 */
#define RIGHT_IOCTL (1ULL << 15)    /* ABI 5 */

#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_RIGHTS \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REFER | RIGHT_TRUNCATE)
#define FILE_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHT_TRUNCATE)

static uint64_t handled(long abi)
{
	uint64_t rights = (1ULL << 13) - 1; /* ABI 1 */
	if (abi >= 2)
		rights |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		rights |= RIGHT_TRUNCATE;
	if (abi >= 5)
		rights |= RIGHT_IOCTL;
	return rights;
}

static int allow(int ruleset, const struct sandbox_path *p, uint64_t mask, struct err *err)
{
	struct stat st;
	struct landlock_path_beneath_attr rule = {.parent_fd = open(p->path, O_PATH | O_CLOEXEC)};
	if (rule.parent_fd < 0)
		return errno == ENOENT ? 0 : err_sys(err, "%s", p->path);
	rule.allowed_access = (READ_RIGHTS | (p->write ? WRITE_RIGHTS : 0)) & mask;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= FILE_RIGHTS;
	long r = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	if (r < 0)
		err_sys(err, "landlock: %s", p->path);
	close(rule.parent_fd);
	return r < 0 ? -1 : 0;
}

/* 1: it holds, 0: this kernel has none that would do, -1. */
static int enter_landlock(const struct sandbox_path *paths, size_t count, struct err *err)
{
	long abi =
	    syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 2) /* ABI 1 lets nobody rename from one directory into another */
		return 0;
	struct landlock_ruleset_attr attr = {.handled_access_fs = handled(abi)};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return err_sys(err, "landlock");
	int r = 0;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = allow(ruleset, &paths[i], attr.handled_access_fs, err);
	if (r == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		r = err_sys(err, "landlock");
	close(ruleset);
	return r < 0 ? -1 : 1;
}

#define CALL(name) SCMP_SYS(name)
static const int calls[] = {CALL(read), CALL(readv), CALL(pread64), CALL(write), CALL(writev),
    CALL(pwrite64), CALL(close), CALL(lseek), CALL(open), CALL(openat), CALL(creat), CALL(stat),
    CALL(lstat), CALL(fstat), CALL(newfstatat), CALL(statx), CALL(access), CALL(faccessat),
    CALL(faccessat2), CALL(statfs), CALL(fstatfs), CALL(getdents64), CALL(readlink),
    CALL(readlinkat), CALL(getcwd), CALL(rename), CALL(renameat), CALL(renameat2), CALL(unlink),
    CALL(unlinkat), CALL(mkdir), CALL(mkdirat), CALL(fchmod), CALL(fchmodat), CALL(chmod),
    CALL(fchown), CALL(umask), CALL(ftruncate), CALL(fallocate), CALL(fsync), CALL(fdatasync),
    CALL(flock), CALL(fcntl), CALL(dup), CALL(dup2), CALL(dup3), CALL(pipe), CALL(pipe2),
    CALL(eventfd2), CALL(utimensat), CALL(mmap), CALL(munmap), CALL(mprotect), CALL(mremap),
    CALL(madvise), CALL(msync), CALL(brk), CALL(futex), CALL(set_robust_list), CALL(rseq),
    CALL(clone), CALL(clone3), CALL(exit), CALL(exit_group), CALL(set_tid_address), CALL(gettid),
    CALL(getpid), CALL(getppid), CALL(getuid), CALL(geteuid), CALL(getgid), CALL(getegid),
    CALL(tgkill), CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(sigaltstack),
    CALL(restart_syscall), CALL(prctl), CALL(arch_prctl), CALL(getrandom), CALL(clock_gettime),
    CALL(clock_getres), CALL(clock_nanosleep), CALL(nanosleep), CALL(gettimeofday), CALL(time),
    CALL(times), CALL(getrusage), CALL(sysinfo), CALL(uname), CALL(prlimit64), CALL(getrlimit),
    CALL(setrlimit), CALL(sched_yield), CALL(sched_getaffinity), CALL(membarrier), CALL(getcpu),
    CALL(poll), CALL(ppoll), CALL(select), CALL(pselect6), CALL(epoll_create1), CALL(epoll_ctl),
    CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_pwait2), CALL(accept), CALL(accept4),
    CALL(getpeername), CALL(getsockname), CALL(getsockopt), CALL(setsockopt), CALL(recvfrom),
    CALL(recvmsg), CALL(sendto), CALL(sendmsg), CALL(sendfile), CALL(shutdown), CALL(ioctl)};

/* 1: it holds, 0: this kernel has none, -1. */
static int enter_seccomp(struct err *err)
{
	if (prctl(PR_GET_SECCOMP) < 0 && errno == EINVAL)
		return 0;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL)
		return err_set(err, "seccomp: cannot make a filter");
	int r = 0;
	for (size_t i = 0; r == 0 && i < sizeof(calls) / sizeof(calls[0]); i++) {
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
		if (r == -EDOM || r == -EFAULT)
			r = 0; /* this machine has no such call */
	}
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	if (r < 0) {
		errno = -r;
		return err_sys(err, "seccomp");
	}
	return 1;
}

int sandbox_enter(const struct sandbox_path *paths, size_t count, struct err *what)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(what, "no_new_privs");
	int landlock = enter_landlock(paths, count, what);
	if (landlock < 0)
		return -1;
	int seccomp = enter_seccomp(what);
	if (seccomp < 0)
		return -1;
	err_set(what, "sandbox: %s, %s", landlock ? "Landlock" : "no Landlock in this kernel",
	    seccomp ? "seccomp" : "no seccomp in this kernel");
	return 0;
}
