/* client: the address behind a request. */
#include "client.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool client_parse(const char *text, char out[CLIENT_SIZE])
{
	unsigned char parsed[16];
	out[0] = '\0';
	if (inet_pton(AF_INET, text, parsed) != 1 && inet_pton(AF_INET6, text, parsed) != 1)
		return false;
	snprintf(out, CLIENT_SIZE, "%s", text);
	return true;
}

/* One element of the list: "192.0.2.7", "192.0.2.7:1234", "2001:db8::7", "[2001:db8::7]:1234". */
static bool element(const char *start, size_t len, char out[CLIENT_SIZE])
{
	char text[CLIENT_SIZE];
	while (len > 0 && strchr(" \t", start[len - 1]) != NULL)
		len--;
	while (len > 0 && strchr(" \t", *start) != NULL)
		start++, len--;
	if (len == 0 || len >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)len, start);
	char *colon = strchr(text, ':');
	if (text[0] == '[' && strchr(text, ']') != NULL) {
		*strchr(text, ']') = '\0';
		return client_parse(text + 1, out);
	}
	if (colon != NULL && strchr(colon + 1, ':') == NULL)
		*colon = '\0';
	return client_parse(text, out);
}

void client_find(
    const struct conf *conf, const char *peer, const char *forwarded, char out[CLIENT_SIZE])
{
	char next[CLIENT_SIZE];
	snprintf(out, CLIENT_SIZE, "%s", peer);
	size_t left = forwarded == NULL ? 0 : strlen(forwarded);
	/* From the right: each proxy appends the address that it saw.  An element counts only if
	 * the proxy that added it is trusted. */
	while (left > 0 && net_has(conf->proxies, conf->nproxies, out)) {
		size_t start = left;
		while (start > 0 && forwarded[start - 1] != ',')
			start--;
		if (!element(forwarded + start, left - start, next))
			return;
		snprintf(out, CLIENT_SIZE, "%s", next);
		left = start == 0 ? 0 : start - 1;
	}
}

bool client_is_named(const struct conf *conf, const char *address)
{
	bool named = net_has(conf->proxies, conf->nproxies, address);
	for (size_t i = 0; i < conf->nlogins && !named; i++)
		named = net_has(conf->logins[i].addresses, conf->logins[i].naddresses, address);
	return named;
}

const char *client_shown(const char *address)
{
	return address[0] == '\0' ? "-" : address;
}
