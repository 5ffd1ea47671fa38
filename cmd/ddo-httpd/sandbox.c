/* sandbox: enters Landlock and seccomp. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
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

/* Rights of ABIs that the header of Debian 12 does not know (landlock(7)). */
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
		return errno == ENOENT ? 0 : err_sys(err, "cannot open %s for Landlock", p->path);
	rule.allowed_access = (READ_RIGHTS | (p->write ? WRITE_RIGHTS : 0)) & mask;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= FILE_RIGHTS;
	long r = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	if (r < 0)
		err_sys(err, "cannot allow %s in Landlock", p->path);
	close(rule.parent_fd);
	return r < 0 ? -1 : 0;
}

/* Why there is no Landlock (landlock_create_ruleset(2)). */
static const char *absence(long abi)
{
	if (abi >= 0)
		return "this kernel's Landlock is too old";
	switch (errno) {
	case ENOSYS:
		return "no Landlock in this kernel";
	case EOPNOTSUPP:
		return "Landlock is off since the boot";
	case EPERM:
		return "a filter forbids Landlock";
	default:
		return "no Landlock";
	}
}

/* 1: entered; 0: not, and *why says what is missing; -1. */
static int enter_landlock(
    const struct sandbox_path *paths, size_t count, const char **why, struct err *err)
{
	long abi =
	    syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 2) { /* ABI 1 forbids a rename from one directory into another */
		*why = absence(abi);
		return 0;
	}
	struct landlock_ruleset_attr attr = {.handled_access_fs = handled(abi)};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return err_sys(err, "cannot enter Landlock");
	int r = 0;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = allow(ruleset, &paths[i], attr.handled_access_fs, err);
	if (r == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		r = err_sys(err, "cannot enter Landlock");
	close(ruleset);
	return r < 0 ? -1 : 1;
}

#if defined(__x86_64__) || defined(__aarch64__) || (defined(__riscv) && __riscv_xlen == 64)
#define HAS_FILTER
/* Made at build time: libseccomp needs a third of a millisecond for it, in each process. */
static const struct sock_filter filter[] = {
#include "seccomp/filter.inc"
};
#endif

/* 1: entered; 0: this kernel or machine has none; -1. */
static int enter_seccomp(struct err *err)
{
#ifdef HAS_FILTER
	const struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]),
	    .filter = (struct sock_filter *)(uintptr_t)filter};
	if (prctl(PR_GET_SECCOMP) < 0 && errno == EINVAL)
		return 0;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return err_sys(err, "cannot enter seccomp");
	return 1;
#else
	(void)err;
	return 0;
#endif
}

int sandbox_enter(const struct sandbox_path *paths, size_t count, struct err *what)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(what, "cannot set no_new_privs");
	const char *why = "Landlock";
	int landlock = enter_landlock(paths, count, &why, what);
	if (landlock < 0)
		return -1;
	int seccomp = enter_seccomp(what);
	if (seccomp < 0)
		return -1;
	err_set(what, "sandbox: %s, %s", why, seccomp ? "seccomp" : "no seccomp in this kernel");
	return 0;
}
