/* err: the reason buffer that library functions fill when they return -1.
 *
 * The library neither prints nor exits: a function that fails writes one line into the caller's
 * struct err and returns -1.  err_set() always returns -1, so `return err_set(err, ...)` reads
 * well. Control characters and what is no UTF-8 are replaced by '?' and a text that is too long is
 * cut, so a reason is always one printable line.  A NULL err is allowed.  err_sys() appends ": "
 * and strerror(errno).
 */
#ifndef DDO_ERR_H
#define DDO_ERR_H

#include <stddef.h>

struct err {
	char text[768];
};

int err_set(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int err_sys(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Replaces every control character (C0, DEL) and what is no UTF-8, as what others say may be and a
 * cut text is, of the NUL-terminated `s` by '?', in place: JSON can hold the rest. */
void err_clean(char *s);

/* What a client calls itself, as one word for a log: cut to `size`, blanks, quotes and odd octets
 * as
 * '?', nothing as "-". */
void err_word(const char *in, size_t len, char *out, size_t size);

#endif
