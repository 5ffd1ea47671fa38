/* name: zone names as text, and the file names made from them.
 *
 * A zone name inside ddo is always normal: lower case, no trailing dot, no escapes, 1 to 253
 * characters (RFC 1035 section 2.3.4).  Its labels have 1 to 63 characters of [a-z0-9_-], and, for
 * the reverse zones of RFC 2317, '/' between two digits.  name_normalize() refuses all else: empty
 * labels, wildcards, NUL, quotes, blanks, the root, IDNs that are not punycode (RFC 5891).  So only
 * '/' of a normal name has a meaning in a path, a configuration or a log; name_to_file() encodes
 * it.  Functions return 0, or -1 and a reason.
 */
#ifndef DDO_NAME_H
#define DDO_NAME_H

#include <stddef.h>

#include "base/err.h"

#define NAME_SIZE 254 /* 253 characters and a NUL */
#define NAME_FILE_SIZE 256

/* Writes the normal form of in[0..len) to out; -1: not a zone name. */
int name_normalize(const char *in, size_t len, char out[NAME_SIZE], struct err *err);

/* The same for a host name from DirectAdmin (hostname=): no '/', but also an IP address. */
int name_normalize_host(const char *in, size_t len, char out[NAME_SIZE], struct err *err);

/* Checks a user name for records and logs: 1 to 64 of [A-Za-z0-9._@+-]. */
int name_check_user(const char *in, size_t len, char out[65], struct err *err);

/* The file name, without a directory, for a normal zone name: '/' becomes "%2F", ".db" follows.  An
 * encoded name over 200 bytes would leave no room for suffixes within NAME_MAX; it is cut, and a
 * digest makes it unique.  No two zones share a file. */
void name_to_file(const char *zone, char out[NAME_FILE_SIZE]);

/* The parent of a normal name, inside the same string ("b.c" of "a.b.c"); NULL after the last. */
const char *name_parent(const char *zone);

#endif
