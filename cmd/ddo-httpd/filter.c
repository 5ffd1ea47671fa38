#include "filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct range {
	unsigned first, last;
};

static void add(
    struct sock_fprog *f, unsigned code, unsigned k, unsigned char yes, unsigned char no)
{
	f->filter[f->len++] =
	    (struct sock_filter){.code = (unsigned short)code, .jt = yes, .jf = no, .k = k};
}

/* Halves the ranges until one is left.  False: a jump, which has 8 bits, would have to go further.
 */
static bool add_ranges(struct sock_fprog *f, const struct range *r, size_t count)
{
	if (count == 1) {
		add(f, BPF_JMP | BPF_JGE | BPF_K, r->first, 0, 2);
		add(f, BPF_JMP | BPF_JGT | BPF_K, r->last, 1, 0);
		add(f, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
		add(f, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
		return true;
	}
	unsigned short at = f->len;
	add(f, BPF_JMP | BPF_JGE | BPF_K, r[count / 2].first, 0, 0);
	if (!add_ranges(f, r, count / 2) || f->len - at - 1 > UINT8_MAX)
		return false;
	f->filter[at].jt = (unsigned char)(f->len - at - 1);
	return add_ranges(f, r + count / 2, count - count / 2);
}

static int compare(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
	return x < y ? -1 : x > y;
}

static size_t make_ranges(const unsigned *calls, size_t count, struct range *out)
{
	unsigned *sorted = mem_alloc(count * sizeof(*sorted));
	size_t n = 0;
	memcpy(sorted, calls, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 0; i < count; i++) {
		if (n > 0 && sorted[i] <= out[n - 1].last + 1)
			out[n - 1].last = sorted[i];
		else
			out[n++] = (struct range){sorted[i], sorted[i]};
	}
	free(sorted);
	return n;
}

int filter_make(
    unsigned arch, const unsigned *calls, size_t count, struct sock_fprog *out, struct err *err)
{
	struct range *ranges = mem_alloc(count * sizeof(*ranges));
	out->len = 0;
	add(out, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
	add(out, BPF_JMP | BPF_JEQ | BPF_K, arch, 1, 0);
	add(out, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
	add(out, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
	size_t n = make_ranges(calls, count, ranges);
	bool fits = add_ranges(out, ranges, n);
	free(ranges);
	return fits ? 0 : err_set(err, "seccomp: %zu ranges of calls are too many", n);
}
