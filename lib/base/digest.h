/* digest: SHA-384 as lower-case hex, computed by Nettle.
 *
 * One call, no state; it does not fail.  `out` is NUL-terminated.  ddo uses it for the digest of a
 * zone (RFC 8976, scheme SIMPLE) and to compare names and passwords in constant time.
 */
#ifndef DDO_DIGEST_H
#define DDO_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX_SIZE 97 /* 96 hex digits and a NUL */

void digest_sha384(const void *data, size_t len, char out[DIGEST_HEX_SIZE]);

#endif
