/* digest: SHA-384 in lower-case hex, by Nettle. */
#ifndef DDO_DIGEST_H
#define DDO_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX_SIZE 97 /* 96 hex digits and a NUL */

void digest_sha384(const void *data, size_t len, char out[DIGEST_HEX_SIZE]);

#endif
