/* net: IP networks. */
#include "base/net.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_address(const char *text, struct net *out)
{
	for (int i = 0; i < 2; i++) {
		out->family = i == 0 ? AF_INET : AF_INET6;
		out->bits = i == 0 ? 32 : 128;
		memset(out->addr, 0, sizeof(out->addr));
		if (inet_pton(out->family, text, out->addr) == 1)
			return 0;
	}
	return -1;
}

static bool same_prefix(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned rest = bits % 8;
	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

int net_parse(const char *text, struct net *out)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);
	if (len >= sizeof(address))
		return -1;
	snprintf(address, sizeof(address), "%.*s", (int)len, text);
	if (parse_address(address, out) < 0)
		return -1;
	if (slash == NULL)
		return 0;
	size_t digits = strlen(slash + 1);
	if (digits == 0 || digits > 3 || strspn(slash + 1, "0123456789") != digits)
		return -1;
	unsigned long bits = strtoul(slash + 1, NULL, 10);
	if (bits > out->bits)
		return -1;
	for (unsigned i = (unsigned)bits; i < out->bits; i++) {
		if ((out->addr[i / 8] >> (7 - i % 8) & 1) != 0)
			return -1;
	}
	out->bits = (unsigned)bits;
	return 0;
}

bool net_has(const struct net *nets, size_t count, const char *address)
{
	struct net a;
	if (parse_address(address, &a) < 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (nets[i].family == a.family && same_prefix(nets[i].addr, a.addr, nets[i].bits))
			return true;
	}
	return false;
}
