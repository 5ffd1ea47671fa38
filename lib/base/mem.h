/* mem: allocation that does not fail.
 *
 * Any program of ddo may be killed at any moment without harm (INTERNALS.md, "Crash anywhere").
 * Out of memory is handled like that: one line on descriptor 2 and _exit(EX_TEMPFAIL).  Only here
 * does the library end the process.  The caller releases everything with free().
 */
#ifndef DDO_MEM_H
#define DDO_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);                           /* zeroed */
void *mem_resize(void *old, size_t count, size_t size); /* checks count * size for overflow */
char *mem_dup(const char *s);                           /* NULL gives NULL */
char *mem_dupn(const char *s, size_t len);              /* copies len bytes, adds a NUL */

#endif
