/* mem: allocation that ends the process when memory is out. */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
/* A tool for one request frees nothing on exit; tests of the others set detect_leaks=1. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

static void *checked(void *p)
{
	if (p == NULL) {
		static const char text[] = "ddo: fatal: out of memory\n";
		(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
		_exit(EX_TEMPFAIL);
	}
	return p;
}

void *mem_alloc(size_t size)
{
	return checked(calloc(1, size == 0 ? 1 : size));
}

void *mem_resize(void *old, size_t count, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(count, size, &total))
		return checked(NULL);
	return checked(realloc(old, total == 0 ? 1 : total));
}

char *mem_dup(const char *s)
{
	return s == NULL ? NULL : mem_dupn(s, strlen(s));
}

char *mem_dupn(const char *s, size_t len)
{
	char *copy = mem_resize(NULL, len + 1, 1);
	if (len > 0)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}
