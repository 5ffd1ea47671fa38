#include "base/hex.h"

#include <nettle/base16.h>
#include <stdint.h>

int hex_decode(const char *digits, size_t len, unsigned char *out)
{
	struct base16_decode_ctx ctx;
	size_t left = len;
	base16_decode_init(&ctx);
	for (size_t n; left >= 2; left -= 2, digits += 2, out++) {
		n = 1;
		/* White space, which Nettle skips, leaves an octet unfinished. */
		if (!base16_decode_update(&ctx, &n, (uint8_t *)out, 2, digits) || n != 1)
			return -1;
	}
	return left == 0 ? 0 : -1;
}

int hex_octet(const char digits[2])
{
	unsigned char octet;
	return hex_decode(digits, 2, &octet) < 0 ? -1 : octet;
}
