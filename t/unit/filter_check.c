/* filter_check RANGES: makes a filter for every other system call up to 2 * RANGES and runs it as
 * the kernel would, with each number and with another architecture.  Prints "right", or the number
 * that it treats wrongly, or the error. */
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/msg.h"
#include "filter.h"

#define ARCH 1234

/* What the filter makes of a call; 0: it leaves the program, which the kernel would not load. */
static unsigned run(const struct sock_fprog *p, const struct seccomp_data *data)
{
	unsigned value = 0;
	for (size_t at = 0; at < p->len; at++) {
		const struct sock_filter *f = &p->filter[at];
		bool yes = false;
		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&value, (const char *)data + f->k, sizeof(value));
			continue;
		case BPF_RET | BPF_K:
			return f->k;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = value == f->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = value >= f->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			yes = value > f->k;
			break;
		default:
			return 0;
		}
		at += yes ? f->jt : f->jf;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct err err;
	msg_init("filter_check");
	if (argc != 2)
		die_usage("usage: filter_check RANGES");
	size_t count = strtoul(argv[1], NULL, 10);
	unsigned *calls = mem_alloc(count * sizeof(*calls));
	for (size_t i = 0; i < count; i++)
		calls[i] = (unsigned)(2 * (count - i)); /* not in order */
	struct sock_fprog p = {.filter = mem_alloc(FILTER_MOST(count) * sizeof(*p.filter))};
	if (filter_make(ARCH, calls, count, &p, &err) < 0)
		die_data("%s", err.text);
	struct seccomp_data data = {.arch = ARCH};
	for (int nr = 0; nr < (int)count * 2 + 10; nr++) {
		bool listed = nr > 0 && nr <= (int)count * 2 && nr % 2 == 0;
		data.nr = nr;
		if ((run(&p, &data) == SECCOMP_RET_ALLOW) != listed)
			die_data("%d is %s", nr, listed ? "refused" : "allowed");
	}
	data.arch = ARCH + 1;
	puts(run(&p, &data) == SECCOMP_RET_KILL_PROCESS ? "right" : "another architecture passes");
	free(calls);
	free(p.filter);
	return 0;
}
