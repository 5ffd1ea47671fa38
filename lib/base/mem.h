/* mem: allocation that does not fail.
 *
 * Every program here may be killed at any moment without harm (INTERNALS.md, "Crash anywhere"), so
 * running out of memory is handled as exactly that: one line on descriptor 2 and
 * _exit(EX_TEMPFAIL). This is the one place where the library ends the process.  Everything
 * returned is for free().
 */
#ifndef DDO_MEM_H
#define DDO_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size); /* zeroed */
/* As mem_alloc(), for what is large and written all over at once: its pages come with one call of
 * the kernel's instead of a fault each, where the kernel can (madvise(2), MADV_POPULATE_WRITE). */
void *mem_alloc_pages(size_t size);
void *mem_resize(void *old, size_t count, size_t size); /* checks count * size for overflow */
char *mem_dup(const char *s);                           /* NULL gives NULL */
char *mem_dupn(const char *s, size_t len);              /* copies len bytes, adds a NUL */

#endif
