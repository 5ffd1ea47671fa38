/* net: IP networks, and which of them has an address.
 *
 * net_parse() reads "192.0.2.7", "192.0.2.0/24" or "2001:db8::/32"; a lone address is a network of
 * one.  A bit that is set behind the prefix is an error: the operator may have meant another
 * network.  IPv4 and IPv6 never match each other.  Nothing is allocated.
 */
#ifndef DDO_NET_H
#define DDO_NET_H

#include <stdbool.h>
#include <stddef.h>

struct net {
	int family; /* AF_INET, AF_INET6 */
	unsigned char addr[16];
	unsigned bits;
};

/* -1: `text` is no network. */
int net_parse(const char *text, struct net *out);
/* True when one of the networks has the address.  Text that is no address is in none. */
bool net_has(const struct net *nets, size_t count, const char *address);

#endif
