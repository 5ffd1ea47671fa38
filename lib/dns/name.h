/* name: zone names as text, and the file names made from them.
 *
 * A zone name inside ddo is always normal: lower case, no trailing dot, no escapes, 1 to 253
 * characters, labels of 1 to 63 out of [a-z0-9_-] and, for RFC 2317 reverse zones, '/' between two
 * digits.  Everything else (empty labels, wildcards, NUL, quotes, blanks, the root, raw IDN) is
 * refused: nothing that passes here can mean anything to a path, a daemon's configuration or a log
 * line but '/', which name_to_file() encodes.  (RFC 1035 2.3.4 for the lengths, RFC 5891: IDNs
 * arrive as punycode.)
 */
#ifndef DDO_NAME_H
#define DDO_NAME_H

#include <stddef.h>

#include "base/err.h"

#define NAME_SIZE 254 /* 253 characters and a NUL */
#define NAME_FILE_SIZE 256

/* Writes the normal form of in[0..len) to out; -1 and a reason when it is no zone name. */
int name_normalize(const char *in, size_t len, char out[NAME_SIZE], struct err *err);

/* A host name as DirectAdmin sends it (hostname=): as above without '/', or an IPv4/IPv6 address.
 */
int name_normalize_host(const char *in, size_t len, char out[NAME_SIZE], struct err *err);

/* A user name for records and logs: 1 to 64 of [A-Za-z0-9._@+-]. */
int name_check_user(const char *in, size_t len, char out[65], struct err *err);

/* The file name (no directory) for a normal zone name: '/' becomes "%2F", ".db" follows.  A name
 * that would not leave room for temporary suffixes within NAME_MAX (over 200 bytes encoded) is cut
 * and made unique by a digest.  Injective: two zones never share a file. */
void name_to_file(const char *zone, char out[NAME_FILE_SIZE]);

/* The parent of a normal name, inside the same string ("b.c" of "a.b.c"); NULL after the last. */
const char *name_parent(const char *zone);

#endif
