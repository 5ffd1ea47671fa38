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
void *mem_resize(void *old, size_t count, size_t size); /* checks count * size for overflow */
char *mem_dup(const char *s);                           /* NULL gives NULL */
char *mem_dupn(const char *s, size_t len);              /* copies len bytes, adds a NUL */

#endif
