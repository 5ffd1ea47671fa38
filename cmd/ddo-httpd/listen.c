/* listen: listening sockets, our own or systemd's. */
#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 1024

/* Cuts a spec into address and port.  An IPv6 address without a port needs no brackets. */
static int split(const char *spec, char host[64], char port[8])
{
	const char *host_end, *colon;
	if (spec[0] == '[') {
		host_end = strchr(++spec, ']');
		if (host_end == NULL || (host_end[1] != '\0' && host_end[1] != ':'))
			return -1;
		colon = host_end[1] == ':' ? host_end + 1 : NULL;
	} else {
		colon = strchr(spec, ':');
		if (colon != NULL && strchr(colon + 1, ':') != NULL)
			colon = NULL;
		host_end = colon != NULL ? colon : spec + strlen(spec);
	}
	if (host_end - spec >= 64 || (colon != NULL && (colon[1] == '\0' || strlen(colon + 1) > 5)))
		return -1;
	snprintf(host, 64, "%.*s", (int)(host_end - spec), spec);
	if (colon != NULL)
		snprintf(port, 8, "%.6s", colon + 1);
	return 0;
}

static bool ipv6_works(void)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int listen_parse(const char *spec, unsigned default_port, struct sockaddr_storage *out,
    socklen_t *len, struct err *err)
{
	char host[64], port[8];
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
			    .ai_socktype = SOCK_STREAM},
			*found;
	snprintf(port, sizeof(port), "%u", default_port);
	if (split(spec, host, port) < 0)
		return err_set(err, "%s: not ADDRESS:PORT, [ADDRESS]:PORT, ADDRESS or :PORT", spec);
	const char *name = host[0] != '\0' && strcmp(host, "*") != 0 ? host
			   : ipv6_works()                            ? "::"
								     : "0.0.0.0";
	unsigned number = 0;
	char rest;
	if (sscanf(port, "%5u%c", &number, &rest) != 1 || number > 65535)
		return err_set(err, "%s: not a port number", spec);
	if (getaddrinfo(name, port, &hints, &found) != 0)
		return err_set(err, "%s: not an IPv4 or IPv6 address", spec);
	memcpy(out, found->ai_addr, found->ai_addrlen);
	*len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

int listen_open(
    const char *spec, const struct sockaddr_storage *addr, socklen_t len, struct err *err)
{
	int on = 1, off = 0;
	int fd = socket(addr->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_sys(err, "%s: cannot make a socket", spec);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (addr->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, (const struct sockaddr *)addr, len) < 0 || listen(fd, BACKLOG) < 0) {
		err_sys(err, "cannot listen on %s", spec);
		close(fd);
		return -1;
	}
	return fd;
}

bool listen_is_listening(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on != 0;
}

size_t listen_passed(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	size_t n = 0;
	if (pid != NULL && count != NULL && strtol(pid, NULL, 10) == (long)getpid())
		n = strtoul(count, NULL, 10);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (n != 1 || listen_is_listening(LISTEN_FIRST))
		return n <= 64 ? n : 0;
	dup2(LISTEN_FIRST, STDIN_FILENO);
	close(LISTEN_FIRST);
	return 0;
}

void listen_pass(size_t count)
{
	char text[24];
	snprintf(text, sizeof(text), "%d", (int)getpid());
	setenv("LISTEN_PID", text, 1);
	snprintf(text, sizeof(text), "%zu", count);
	setenv("LISTEN_FDS", text, 1);
}

void listen_adopt(int fd)
{
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}
