/* filter: writes the seccomp program that lets some system calls through; make runs it.
 *
 * usage: filter MACHINE < calls > filter.inc.  All other calls fail with EPERM; a call of another
 * machine's kind ends the process. */
#include <errno.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int fail(const char *what, int code)
{
	fprintf(stderr, "seccomp/filter: %s: %s\n", what, strerror(code));
	return 1;
}

static int add_calls(scmp_filter_ctx ctx)
{
	char line[128];
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		int call = seccomp_syscall_resolve_name(line);
		int r = call == __NR_SCMP_ERROR ? -ENOSYS
						: seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 0);
		if (r < 0)
			return fail(line, -r);
	}
	return 0;
}

static int print(scmp_filter_ctx ctx)
{
	struct sock_filter f;
	FILE *program = tmpfile();
	if (program == NULL)
		return fail("tmpfile", errno);
	int r = seccomp_export_bpf(ctx, fileno(program));
	rewind(program);
	while (r == 0 && fread(&f, sizeof(f), 1, program) == 1)
		printf("{0x%04x, %u, %u, 0x%08x},\n", f.code, f.jt, f.jf, f.k);
	fclose(program);
	if (r < 0)
		return fail("seccomp_export_bpf", -r);
	return fflush(stdout) == 0 ? 0 : fail("stdout", errno);
}

int main(int argc, char **argv)
{
	uint32_t machine = argc == 2 ? seccomp_arch_resolve_name(argv[1]) : 0;
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r = 0;
	if (machine == 0)
		return 0; /* sandbox.c has no filter there */
	if (ctx == NULL)
		return fail("seccomp_init", ENOMEM);
	if (machine != seccomp_arch_native() && (r = seccomp_arch_add(ctx, machine)) == 0)
		r = seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE);
	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree */
	if (r < 0)
		return fail(argv[1], -r);
	return add_calls(ctx) != 0 ? 1 : print(ctx);
}
