/* err: reasons as one printable line. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The length of the UTF-8 character at p (RFC 3629); 0: p has none. */
static size_t utf8_length(const unsigned char *p)
{
	unsigned char low = 0x80, high = 0xbf; /* bounds of the second byte */
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0 || p[0] == 0xf0)
		low = p[0] == 0xe0 ? 0xa0 : 0x90; /* no overlong form */
	if (p[0] == 0xed || p[0] == 0xf4)
		high = p[0] == 0xed ? 0x9f : 0x8f; /* no surrogate; nothing above U+10FFFF */
	if (p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (p[i] < (i == 1 ? low : 0x80) || p[i] > (i == 1 ? high : 0xbf))
			return 0;
	}
	return len;
}

void err_clean(char *s)
{
	unsigned char *p = (unsigned char *)s;
	while (*p != '\0') {
		size_t len = *p < 0x20 || *p == 0x7f ? 0 : utf8_length(p);
		if (len == 0)
			*p = '?';
		p += len == 0 ? 1 : len;
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

int err_group(struct err *err)
{
	int saved = errno;
	if (err != NULL && saved == EACCES)
		err_set(
		    err, "%.700s; run this with sudo, or as a member of the group ddo", err->text);
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
