/* idle: holds idle connections.
 *
 * idle PORT COUNT opens COUNT connections to 127.0.0.1:PORT, prints "held COUNT", and keeps them
 * until its stdin ends.  Then it prints "open N", the number that the server has not closed. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

int main(int argc, char **argv)
{
	if (argc != 3)
		return 64;
	struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10))};
	size_t count = strtoul(argv[2], NULL, 10), open = 0;
	int *fds = mem_alloc(count * sizeof(*fds));
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (size_t i = 0; i < count; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fds[i] < 0 || connect(fds[i], (struct sockaddr *)&to, sizeof(to)) < 0) {
			fprintf(stderr, "idle: connection %zu: %s\n", i, strerror(errno));
			return 69;
		}
	}
	printf("held %zu\n", count);
	fflush(stdout);
	char octet;
	while (read(STDIN_FILENO, &octet, 1) > 0)
		;
	for (size_t i = 0; i < count; i++)
		open += recv(fds[i], &octet, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
	printf("open %zu\n", open);
	free(fds);
	return 0;
}
