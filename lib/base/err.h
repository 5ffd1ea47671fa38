/* err: the reason that a library function gives when it returns -1.
 *
 * The library neither prints nor exits.  A function that fails writes one line into the caller's
 * struct err and returns -1.  err_set() and err_sys() always return -1, so that
 * `return err_set(err, ...)` reads well; err_sys() appends ": " and strerror(errno) and keeps
 * errno.  A reason is one printable line: control characters and invalid UTF-8 become '?', and a
 * long text is cut.  `err` may be NULL, and err->text may be one of the arguments.
 */
#ifndef DDO_ERR_H
#define DDO_ERR_H

#include <stddef.h>

struct err {
	char text[768];
};

int err_set(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int err_sys(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* After err_sys() on what the group ddo may open: with EACCES it adds what a person can do. */
int err_group(struct err *err);

/* Replaces control characters (C0, DEL) and invalid UTF-8 in `s` by '?', in place.  JSON can hold
 * the result. */
void err_clean(char *s);

/* Makes one word for a log of what a client sent: cut to `size`; blanks, quotes and everything
 * outside ASCII become '?'; an empty text becomes "-". */
void err_word(const char *in, size_t len, char *out, size_t size);

#endif
