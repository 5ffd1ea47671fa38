#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void err_clean(char *s)
{
	for (unsigned char *p = (unsigned char *)s; *p != '\0'; p++) {
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
	}
}

int err_set(struct err *err, const char *fmt, ...)
{
	if (err == NULL)
		return -1;
	va_list ap;
	va_start(ap, fmt);
	/* Through a copy: an argument may be err->text itself. */
	char text[sizeof(err->text)];
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_clean(text);
	memcpy(err->text, text, sizeof(text));
	return -1;
}

int err_sys(struct err *err, const char *fmt, ...)
{
	int saved = errno;
	if (err == NULL)
		return -1;
	char text[sizeof(err->text)];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(err, "%s: %s", text, strerror(saved));
	errno = saved;
	return -1;
}

void err_word(const char *in, size_t len, char *out, size_t size)
{
	size_t n = 0;
	for (; n < len && n < size - 1; n++)
		out[n] = in[n] > ' ' && in[n] <= '~' && in[n] != '"' ? in[n] : '?';
	if (n == 0)
		out[n++] = '-';
	out[n] = '\0';
}
