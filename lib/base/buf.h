/* buf: the one growable buffer.
 *
 * A zeroed struct buf is empty and ready.  `data` is NULL or holds `len` bytes and a NUL that does
 * not count, so buf_str() gives a C string.  Growing never fails (mem.h) and may move `data`.  The
 * owner calls buf_free(), which releases and zeroes the buffer; buf_reset() empties it and keeps
 * the memory.  Not thread-safe.
 */
#ifndef DDO_BUF_H
#define DDO_BUF_H

#include <stddef.h>

struct buf {
	char *data;
	size_t len;
	size_t cap;
};

void buf_reserve(struct buf *b, size_t more); /* room for `more` bytes after len */
void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_consume(struct buf *b, size_t len); /* drops the first len bytes */
void buf_reset(struct buf *b);
void buf_free(struct buf *b);
const char *buf_str(const struct buf *b); /* "" when empty; valid until the next change */

#endif
