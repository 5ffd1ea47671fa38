/* digest: SHA-384 in lower-case hex, by libdnssec. */
#ifndef DDO_DIGEST_H
#define DDO_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX_SIZE 97 /* 96 hex digits and a NUL */

/* 0, or -1 when the crypto library refuses (out of memory, FIPS mode without SHA-384). */
int digest_sha384(const void *data, size_t len, char out[DIGEST_HEX_SIZE]);

#endif
