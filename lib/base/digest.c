#include "base/digest.h"

#include <nettle/sha2.h>
#include <stdint.h>
#include <stdio.h>

void digest_sha384(const void *data, size_t len, char out[DIGEST_HEX_SIZE])
{
	struct sha384_ctx ctx;
	uint8_t result[SHA384_DIGEST_SIZE];
	sha384_init(&ctx);
	sha384_update(&ctx, len, data);
	sha384_digest(&ctx, sizeof(result), result);
	for (size_t i = 0; i < sizeof(result); i++)
		snprintf(out + 2 * i, 3, "%02x", result[i]);
}
