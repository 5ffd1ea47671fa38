#include "digest.h"

#include <libdnssec/digest.h>
#include <stdint.h>
#include <stdio.h>

int digest_sha384(const void *data, size_t len, char out[DIGEST_HEX_SIZE])
{
	dnssec_digest_ctx_t *ctx;
	if (dnssec_digest_init(DNSSEC_DIGEST_SHA384, &ctx) != 0)
		return -1;
	dnssec_binary_t in = {.size = len, .data = (uint8_t *)(uintptr_t)data};
	dnssec_binary_t result = {0};
	int added = dnssec_digest(ctx, &in);
	int finished = dnssec_digest_finish(ctx, &result); /* frees ctx */
	int r = added == 0 && finished == 0 && result.size == 48 ? 0 : -1;
	for (size_t i = 0; r == 0 && i < result.size; i++)
		snprintf(out + 2 * i, 3, "%02x", result.data[i]);
	dnssec_binary_free(&result);
	return r;
}
