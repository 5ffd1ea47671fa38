/* inetd: the one connection that a super-server hands over. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "client.h"
#include "conns.h"
#include "http.h"
#include "keeper.h"
#include "listen.h"
#include "modes.h"

#define TICK_MS 250

bool inetd_possible(bool *shared)
{
	struct stat in, other;
	*shared = false;
	if (fstat(STDIN_FILENO, &in) < 0 || !S_ISSOCK(in.st_mode))
		return false;
	if (fstat(STDERR_FILENO, &other) < 0 ||
	    (other.st_dev == in.st_dev && other.st_ino == in.st_ino)) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);
		*shared = true;
		if (null < 0 || dup2(null, STDERR_FILENO) < 0)
			close(STDERR_FILENO);
	}
	return true;
}

/* stunnel, systemd and tcpserver name the client of a socket that has no address. */
static void find_client(const struct sockaddr *addr, char out[CLIENT_SIZE])
{
	static const char *const names[] = {"REMOTE_ADDR", "REMOTE_HOST", "TCPREMOTEIP"};
	conns_address(addr, out);
	for (size_t i = 0; out[0] == '\0' && i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);
		if (value != NULL)
			client_parse(value, out);
	}
}

/* Only http may write to the client, so descriptors 0 and 1 become /dev/null. */
static int take_socket(struct err *err)
{
	int fd = -1, null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (listen_is_listening(STDIN_FILENO))
		err_set(err, "descriptor 0 is a listening socket: let the super-server accept "
			     "(inetd: nowait, systemd: Accept=yes), or use -l");
	else if (null < 0)
		err_sys(err, "cannot open /dev/null");
	else if ((fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)) < 0 ||
		 dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		err_sys(err, "cannot duplicate descriptors");
	else
		return fd;
	return -1;
}

static void serve(struct http *h, struct conns *conns, const volatile sig_atomic_t *stop)
{
	int64_t until = INT64_MAX;
	for (;;) {
		size_t open, under_way;
		conns_count(conns, &open, &under_way);
		if (*stop && until == INT64_MAX) {
			until = clock_mono_ms() + STOP_SECONDS * 1000;
			conns_stop(conns);
		}
		if (open == 0 || (*stop && under_way == 0) || clock_mono_ms() >= until)
			return;
		http_wait(h, TICK_MS);
		conns_expire(conns);
	}
}

int inetd_serve(
    struct api *api, const char *record_dir, const volatile sig_atomic_t *stop, struct err *err)
{
	struct sockaddr_storage addr = {0};
	socklen_t len = sizeof(addr);
	struct http *h;
	char client[CLIENT_SIZE];
	sigset_t set;
	keeper_signals(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	int fd = take_socket(err);
	if (fd < 0 || confine(api, record_dir, err) < 0)
		return -1;
	if (getpeername(fd, (struct sockaddr *)&addr, &len) < 0)
		return errno == ENOTCONN
			   ? 0
			   : err_sys(
				 err, "cannot get the client's address"); /* the client has gone */
	find_client((struct sockaddr *)&addr, client);
	struct conns *conns = conns_open(&(struct conns_limits){.descriptors = (size_t)fd + 1,
	    .connections = 1,
	    .per_address = 1,
	    .workers = 1,
	    .timeout_s = api->conf->request_timeout_s});
	if (http_open(&h, api, conns, &(struct http_mode){.record_dir = record_dir}, err) < 0) {
		conns_close(conns);
		return -1;
	}
	conns_add(conns, fd, &(struct conns_peer){.client = client, .proxy = true}, NULL);
	http_add(h, fd, (struct sockaddr *)&addr, len);
	serve(h, conns, stop);
	http_close(h);
	conns_close(conns);
	return 0;
}
