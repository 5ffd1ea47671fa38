/* digest: SHA-384 by Nettle. */
#include "base/digest.h"

#include <nettle/base16.h>
#include <nettle/sha2.h>
#include <stdint.h>

void digest_sha384(const void *data, size_t len, char out[DIGEST_HEX_SIZE])
{
	struct sha384_ctx ctx;
	uint8_t result[SHA384_DIGEST_SIZE];
	sha384_init(&ctx);
	sha384_update(&ctx, len, data);
	sha384_digest(&ctx, sizeof(result), result);
	base16_encode_update(out, sizeof(result), result);
	out[DIGEST_HEX_SIZE - 1] = '\0';
}
