/* server: listeners, worker threads, the end. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "answer.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "client.h"
#include "conns.h"
#include "http.h"
#include "keeper.h"
#include "listen.h"
#include "login.h"
#include "modes.h"

#define TICK_MS LOGIN_WAIT_MS
#define ACCEPTS 64 /* at most from one socket before the next */

struct server {
	struct api *api;
	struct conns *conns;
	size_t nworkers;
	struct http **workers;
	size_t nsockets;
	struct pollfd *sockets;
};

int server_check(const struct conf *conf, const struct server_options *o, struct err *err)
{
	struct sockaddr_storage addr;
	socklen_t len;
	struct err why;
	for (size_t i = 0; i < o->count; i++) {
		if (listen_parse(o->specs[i], conf->listen_port, &addr, &len, &why) < 0)
			return err_set(err, "-l %s", why.text);
	}
	if (o->record_dir != NULL && access(o->record_dir, W_OK | X_OK) < 0)
		return err_sys(err, "--record %s", o->record_dir);
	return 0;
}

static void adopt_sockets(struct server *s, size_t count)
{
	s->sockets = mem_alloc(count * sizeof(*s->sockets));
	for (; s->nsockets < count; s->nsockets++) {
		struct pollfd *p = &s->sockets[s->nsockets];
		*p = (struct pollfd){.fd = LISTEN_FIRST + (int)s->nsockets, .events = POLLIN};
		listen_adopt(p->fd);
	}
}

static void close_sockets(struct server *s)
{
	while (s->nsockets > 0)
		close(s->sockets[--s->nsockets].fd);
}

/* One descriptor for each connection, four for each worker, some for the rest. */
static size_t raise_descriptors(const struct conf *conf)
{
	size_t want = conf->max_connections + 4 * (size_t)conf->threads + 64;
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return want;
	if (limit.rlim_max < want) {
		msg_warn("app.max_connections needs %zu descriptors, but only %zu are allowed "
			 "(ulimit -n)",
		    want, (size_t)limit.rlim_max);
		want = (size_t)limit.rlim_max;
	}
	limit.rlim_cur = want;
	setrlimit(RLIMIT_NOFILE, &limit);
	return want;
}

static int open_workers(struct server *s, const char *record_dir, struct err *err)
{
	const struct conf *conf = s->api->conf;
	const struct http_mode mode = {
	    .own_thread = true, .tls = conf->ssl_enable, .record_dir = record_dir};
	s->conns = conns_open(&(struct conns_limits){.descriptors = raise_descriptors(conf),
	    .connections = conf->max_connections,
	    .per_address = conf->max_connections_per_address,
	    .workers = conf->threads,
	    .timeout_s = conf->request_timeout_s});
	s->workers = mem_alloc(conf->threads * sizeof(struct http *));
	for (; s->nworkers < conf->threads; s->nworkers++) {
		if (http_open(&s->workers[s->nworkers], s->api, s->conns, &mode, err) < 0)
			return -1;
	}
	return 0;
}

static void close_workers(struct server *s)
{
	while (s->nworkers > 0)
		http_close(s->workers[--s->nworkers]);
	if (s->conns != NULL)
		conns_close(s->conns);
	free(s->workers);
}

static void turn_away(const struct conf *conf, int fd, const char *client)
{
	struct answer a;
	answer_fail(&a, 503, "Busy", "too many connections");
	if (!conf->ssl_enable) /* over TLS an answer would cost a handshake */
		conns_tell(fd, NULL, &a);
	buf_free(&a.body);
	close(fd);
	msg_warn("too many connections: refused %s", client);
}

static void accept_some(struct server *s, int socket)
{
	const struct conf *conf = s->api->conf;
	for (int i = 0; i < ACCEPTS; i++) {
		struct sockaddr_storage addr;
		socklen_t len = sizeof(addr);
		char client[CLIENT_SIZE];
		unsigned worker;
		int fd =
		    accept4(socket, (struct sockaddr *)&addr, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
			msg_error("cannot accept: %s", strerror(errno));
			poll(NULL, 0, TICK_MS); /* the connection stays in the backlog */
		}
		if (fd < 0)
			return;
		conns_address((struct sockaddr *)&addr, client);
		const struct conns_peer peer = {.client = client,
		    .proxy = net_has(conf->proxies, conf->nproxies, client),
		    .named = client_is_named(conf, client)};
		if (conns_add(s->conns, fd, &peer, &worker) < 0)
			turn_away(conf, fd, client);
		else
			http_add(s->workers[worker], fd, (struct sockaddr *)&addr, len);
	}
}

static void loop(struct server *s, const volatile sig_atomic_t *stop)
{
	sigset_t none;
	int64_t expired = clock_mono_ms();
	sigemptyset(&none);
	while (!*stop) {
		struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};
		int n = ppoll(s->sockets, s->nsockets, &tick, &none);
		for (size_t i = 0; n > 0 && i < s->nsockets; i++) {
			if (s->sockets[i].revents != 0)
				accept_some(s, s->sockets[i].fd);
		}
		if (clock_mono_ms() - expired >= TICK_MS) {
			conns_expire(s->conns);
			if (s->api->conf->ssl_enable)
				tls_refresh(s->api->conf);
			expired = clock_mono_ms();
		}
	}
}

static void finish(struct server *s)
{
	int64_t until = clock_mono_ms() + STOP_SECONDS * 1000;
	size_t open, under_way;
	conns_stop(s->conns);
	/* If this is the last process that has them, what waits there would be cut off. */
	for (size_t i = 0; i < s->nsockets; i++)
		accept_some(s, s->sockets[i].fd);
	close_sockets(s);
	for (;;) {
		conns_resume(s->conns);
		conns_count(s->conns, &open, &under_way);
		if (under_way == 0 || clock_mono_ms() >= until)
			break;
		poll(NULL, 0, 10);
	}
	if (under_way > 0)
		msg_warn(
		    "dropped %zu requests that did not end within %d s", under_way, STOP_SECONDS);
}

int server_serve(struct api *api, const struct server_options *o, const volatile sig_atomic_t *stop,
    struct err *err)
{
	struct server s = {.api = api};
	if (api->conf->ssl_enable && !tls_is_present()) {
		listen_pass(o->passed);
		return tls_become(o->argv, err);
	}
	adopt_sockets(&s, o->passed);
	int r = api->conf->ssl_enable ? tls_open(api->conf, err) : 0;
	if (r == 0 && (r = confine(api, o->record_dir, err)) == 0)
		msg_info("%s", err->text);
	if (r == 0)
		r = open_workers(&s, o->record_dir, err);
	if (r == 0) {
		keeper_ready();
		loop(&s, stop);
		finish(&s);
	}
	close_sockets(&s);
	close_workers(&s);
	tls_close();
	free(s.sockets);
	return r;
}
