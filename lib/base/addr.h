/* addr: addresses and ports as configurations have them. */
#ifndef DDO_ADDR_H
#define DDO_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* "ADDR", "ADDR:PORT", "[ADDR6]:PORT", "ADDR6" or "ADDR@PORT": numbers only, no names, so that
 * nothing here waits for a resolver.  -1: none of these. */
int addr_parse(const char *text, uint16_t port, struct sockaddr_storage *out, socklen_t *len);

/* The two parts as text again. */
void addr_format(const struct sockaddr_storage *a, char host[INET6_ADDRSTRLEN], char port[8]);

#endif
