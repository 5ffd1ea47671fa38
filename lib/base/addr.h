/* addr: socket addresses, from and to text.
 *
 * addr_parse() reads "ADDR", "ADDR:PORT", "ADDR@PORT", "[ADDR6]:PORT" or "ADDR6".  It accepts
 * numbers only, no host names, so no caller ever waits for a resolver.  addr_format() gives the two
 * parts back.  Neither allocates; the family is AF_INET or AF_INET6.
 */
#ifndef DDO_ADDR_H
#define DDO_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* `port` is the default, in host order.  -1: `text` is no address. */
int addr_parse(const char *text, uint16_t port, struct sockaddr_storage *out, socklen_t *len);
void addr_format(const struct sockaddr_storage *a, char host[INET6_ADDRSTRLEN], char port[8]);

#endif
