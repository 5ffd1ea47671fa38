#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"

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

/* The calls that stay. */
static const unsigned calls[] = {
    SYS_read,
    SYS_write,
    SYS_pread64,
    SYS_pwrite64,
    SYS_close,
    SYS_futex,
    SYS_fcntl,
    SYS_flock,
    SYS_recvfrom,
    SYS_sendto,
    SYS_sendmsg,
    SYS_epoll_ctl,
    SYS_accept4,
    SYS_openat,
    SYS_fsync,
    SYS_fdatasync,
    SYS_renameat2,
    SYS_newfstatat,
    SYS_fstat,
    SYS_statfs,
    SYS_clock_gettime,
    SYS_getdents64,
    SYS_lseek,
    SYS_readv,
    SYS_writev,
    SYS_statx,
    SYS_faccessat,
    SYS_faccessat2,
    SYS_fstatfs,
    SYS_readlinkat,
    SYS_getcwd,
    SYS_renameat,
    SYS_unlinkat,
    SYS_mkdirat,
    SYS_fchmod,
    SYS_fchmodat,
    SYS_fchown,
    SYS_umask,
    SYS_ftruncate,
    SYS_fallocate,
    SYS_dup,
    SYS_dup3,
    SYS_pipe2,
    SYS_eventfd2,
    SYS_utimensat,
    SYS_mmap,
    SYS_munmap,
    SYS_mprotect,
    SYS_mremap,
    SYS_madvise,
    SYS_msync,
    SYS_brk,
    SYS_set_robust_list,
    SYS_rseq,
    SYS_clone,
    SYS_clone3,
    SYS_exit,
    SYS_exit_group,
    SYS_set_tid_address,
    SYS_gettid,
    SYS_getpid,
    SYS_getppid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_tgkill,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_restart_syscall,
    SYS_prctl,
    SYS_getrandom,
    SYS_clock_getres,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_gettimeofday,
    SYS_times,
    SYS_getrusage,
    SYS_sysinfo,
    SYS_uname,
    SYS_prlimit64,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_membarrier,
    SYS_getcpu,
    SYS_ppoll,
    SYS_pselect6,
    SYS_epoll_create1,
    SYS_epoll_pwait,
    SYS_epoll_pwait2,
    SYS_accept,
    SYS_getpeername,
    SYS_getsockname,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_recvmsg,
    SYS_sendfile,
    SYS_shutdown,
    SYS_ioctl,
#ifdef __x86_64__ /* newer machines have only what came after these */
    SYS_open,
    SYS_creat,
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_rename,
    SYS_unlink,
    SYS_mkdir,
    SYS_chmod,
    SYS_dup2,
    SYS_pipe,
    SYS_arch_prctl,
    SYS_time,
    SYS_getrlimit,
    SYS_setrlimit,
    SYS_poll,
    SYS_select,
    SYS_epoll_wait,
#endif
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#endif

/* 1: it holds, 0: this kernel or machine has none, -1.  The filter is plain enough to be written
 * down here: libseccomp takes a third of a millisecond to make the same, in each process. */
static int enter_seccomp(struct err *err)
{
#ifdef ARCH
	struct sock_filter code[FILTER_MOST(CALLS)];
	struct sock_fprog program = {.filter = code};
	if (prctl(PR_GET_SECCOMP) < 0 && errno == EINVAL)
		return 0;
	if (filter_make(ARCH, calls, CALLS, &program, err) < 0)
		return -1;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return err_sys(err, "seccomp");
	return 1;
#else
	(void)err;
	return 0;
#endif
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
