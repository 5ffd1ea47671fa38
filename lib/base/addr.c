/* addr: socket addresses, from and to text. */
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_port(const char *text, uint16_t *port)
{
	size_t len = strlen(text);
	if (len == 0 || len > 5 || strspn(text, "0123456789") != len)
		return -1;
	unsigned long n = strtoul(text, NULL, 10);
	if (n == 0 || n > 65535)
		return -1;
	*port = (uint16_t)n;
	return 0;
}

int addr_parse(const char *text, uint16_t port, struct sockaddr_storage *out, socklen_t *len)
{
	char host[INET6_ADDRSTRLEN];
	const char *end;
	if (*text == '[') {
		end = strchr(++text, ']');
	} else {
		end = strchr(text, '@');
		if (end == NULL && strchr(text, ':') == strrchr(text, ':'))
			end = strchr(text, ':');
		if (end == NULL)
			end = text + strlen(text);
	}
	if (end == NULL || (size_t)(end - text) >= sizeof(host))
		return -1;
	snprintf(host, sizeof(host), "%.*s", (int)(end - text), text);
	end += *end == ']';
	if (*end != '\0' && (strchr(":@", *end) == NULL || parse_port(end + 1, &port) < 0))
		return -1;
	memset(out, 0, sizeof(*out));
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		*len = sizeof(*v4);
		return 0;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		*len = sizeof(*v6);
		return 0;
	}
	return -1;
}

void addr_format(const struct sockaddr_storage *a, char host[INET6_ADDRSTRLEN], char port[8])
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)a;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)a;
	bool six = a->ss_family == AF_INET6;
	inet_ntop(a->ss_family, six ? (const void *)&v6->sin6_addr : (const void *)&v4->sin_addr,
	    host, INET6_ADDRSTRLEN);
	snprintf(port, 8, "%u", ntohs(six ? v6->sin6_port : v4->sin_port));
}
