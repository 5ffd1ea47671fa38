/* net: IP addresses and networks as configurations have them. */
#ifndef DDO_NET_H
#define DDO_NET_H

#include <stdbool.h>
#include <stddef.h>

struct net {
	int family; /* AF_INET, AF_INET6 */
	unsigned char addr[16];
	unsigned bits;
};

/* "192.0.2.7", "192.0.2.0/24", "2001:db8::/32".  -1: none of these, or bits are set behind the
 * prefix. */
int net_parse(const char *text, struct net *out);
/* True when one of the networks has the address; what is no address is in none. */
bool net_has(const struct net *nets, size_t count, const char *address);

#endif
