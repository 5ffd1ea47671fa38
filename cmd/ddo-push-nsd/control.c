/* control: speaks NSD's control protocol, plain or over TLS. */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/mem.h"
#include "push/files/peer.h"

#define PORT 8952
#define QUIET_MS 20000 /* nothing moved for so long: NSD hangs */
#define ANSWER_MAX ((size_t)64 << 20)
#define END_OF_INPUT "\004\n"

struct control {
	const char *address;
	struct control_tls files;
	struct sockaddr_storage addr;
	socklen_t addr_len;
	bool is_unix;
	gnutls_certificate_credentials_t cred; /* NULL until it is needed */
};

struct stream {
	int fd;
	gnutls_session_t tls; /* NULL: plain */
	short wants;          /* what TLS waits for, or 0 */
};

int control_open(
    struct control **out, const char *address, const struct control_tls *tls, struct err *err)
{
	struct control *c = mem_alloc(sizeof(*c));
	struct sockaddr_un *sun = (struct sockaddr_un *)&c->addr;
	*out = c;
	c->address = address;
	c->files = *tls;
	c->is_unix = address[0] == '/';
	if (!c->is_unix) {
		if (addr_parse(address, PORT, &c->addr, &c->addr_len) < 0)
			return err_set(err,
			    "control: %s is not a path, ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT",
			    address);
		return 0;
	}
	if (strlen(address) >= sizeof(sun->sun_path))
		return err_set(err, "control: the path of a socket has at most %zu characters",
		    sizeof(sun->sun_path) - 1);
	sun->sun_family = AF_UNIX;
	snprintf(sun->sun_path, sizeof(sun->sun_path), "%s", address);
	c->addr_len = sizeof(*sun);
	return 0;
}

void control_close(struct control *c)
{
	if (c != NULL && c->cred != NULL)
		gnutls_certificate_free_credentials(c->cred);
	free(c);
}

static int load_certificates(struct control *c, struct err *err)
{
	if (c->cred != NULL)
		return 0;
	gnutls_certificate_credentials_t cred;
	gnutls_certificate_allocate_credentials(&cred);
	int r =
	    gnutls_certificate_set_x509_trust_file(cred, c->files.server_cert, GNUTLS_X509_FMT_PEM);
	if (r <= 0)
		err_set(err, "cannot read a certificate from %s", c->files.server_cert);
	if (r > 0 && (r = gnutls_certificate_set_x509_key_file(
			  cred, c->files.cert, c->files.key, GNUTLS_X509_FMT_PEM)) < 0)
		err_set(err, "cannot read %s and %s: %s", c->files.cert, c->files.key,
		    gnutls_strerror(r));
	else if (r >= 0)
		c->cred = cred;
	if (c->cred != NULL)
		return 0;
	gnutls_certificate_free_credentials(cred);
	return -1;
}

static bool wait_for(const struct stream *s, short events, int64_t until)
{
	struct pollfd p = {.fd = s->fd, .events = s->wants != 0 ? s->wants : events};
	int64_t left = until - clock_mono_ms();
	int r;
	while ((r = poll(&p, 1, left > 0 ? (int)left : 0)) < 0 && errno == EINTR)
		left = until - clock_mono_ms();
	return r > 0;
}

static void tls_wants(struct stream *s)
{
	s->wants = gnutls_record_get_direction(s->tls) == 1 ? POLLOUT : POLLIN;
}

static int start_tls(struct control *c, struct stream *s, struct err *err)
{
	unsigned status = 0;
	if (load_certificates(c, err) < 0)
		return -1;
	gnutls_init(&s->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
	gnutls_set_default_priority(s->tls);
	gnutls_credentials_set(s->tls, GNUTLS_CRD_CERTIFICATE, c->cred);
	gnutls_transport_set_int(s->tls, s->fd);
	int64_t until = clock_mono_ms() + QUIET_MS;
	int r;
	while ((r = gnutls_handshake(s->tls)) < 0 && gnutls_error_is_fatal(r) == 0) {
		tls_wants(s);
		if (!wait_for(s, POLLIN, until))
			return err_set(err, "%s: no TLS handshake in time", c->address);
	}
	s->wants = 0;
	if (r < 0)
		return err_set(err, "%s: TLS: %s", c->address, gnutls_strerror(r));
	/* It is the one certificate that NSD was given, whatever name it bears. */
	if (gnutls_certificate_verify_peers2(s->tls, &status) < 0 || status != 0)
		return err_set(
		    err, "%s: its certificate is not that of %s", c->address, c->files.server_cert);
	return 0;
}

static int start(struct control *c, struct stream *s, struct err *err)
{
	int error = 0;
	socklen_t len = sizeof(error);
	s->fd = socket(c->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return err_sys(err, "socket");
	if (connect(s->fd, (struct sockaddr *)&c->addr, c->addr_len) < 0) {
		if (errno != EINPROGRESS && errno != EAGAIN)
			return c->is_unix ? peer_unreachable("NSD", c->address, err)
					  : err_sys(err, "cannot reach NSD at %s", c->address);
		/* A Unix socket's queue is full: wait for room, which cannot be polled for. */
		if (errno == EAGAIN && fcntl(s->fd, F_SETFL, 0) == 0 &&
		    (connect(s->fd, (struct sockaddr *)&c->addr, c->addr_len) < 0 ||
			fcntl(s->fd, F_SETFL, O_NONBLOCK) < 0))
			return err_sys(err, "cannot reach NSD at %s", c->address);
		if (!wait_for(s, POLLOUT, clock_mono_ms() + QUIET_MS))
			return err_set(err, "cannot reach NSD at %s in time", c->address);
		if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error != 0) {
			errno = error;
			return err_sys(err, "cannot reach NSD at %s", c->address);
		}
	}
	return c->is_unix ? 0 : start_tls(c, s, err);
}

/* As send(2) and recv(2) of a non-blocking socket: -1 with EAGAIN when it has to wait. */
static ssize_t move_out(struct stream *s, const char *data, size_t len)
{
	if (s->tls == NULL)
		return send(s->fd, data, len, MSG_NOSIGNAL);
	ssize_t n = gnutls_record_send(s->tls, data, len);
	if (n >= 0)
		return n;
	errno = gnutls_error_is_fatal((int)n) != 0 ? EPROTO : EAGAIN;
	return -1;
}

static ssize_t move_in(struct stream *s, char *data, size_t len)
{
	if (s->tls == NULL)
		return recv(s->fd, data, len, 0);
	ssize_t n = gnutls_record_recv(s->tls, data, len);
	if (n >= 0 || n == GNUTLS_E_PREMATURE_TERMINATION)
		return n < 0 ? 0 : n;
	errno = gnutls_error_is_fatal((int)n) != 0 ? EPROTO : EAGAIN;
	return -1;
}

static bool must_wait(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* Sends all of `out` and reads until the end, both at once. */
static int converse(
    struct control *c, struct stream *s, const struct buf *out, struct buf *in, struct err *err)
{
	size_t sent = 0;
	for (;;) {
		ssize_t n = sent < out->len ? move_out(s, out->data + sent, out->len - sent) : 0;
		if (n < 0 && !must_wait() && errno != EPIPE)
			return err_sys(err, "%s", c->address);
		sent += n > 0 ? (size_t)n : 0;
		bool moved = n > 0;
		buf_reserve(in, 65536);
		ssize_t got = move_in(s, in->data + in->len, 65536);
		if (got == 0)
			return 0;
		if (got < 0 && !must_wait())
			return err_sys(err, "%s", c->address);
		if (got > 0) {
			in->len += (size_t)got;
			in->data[in->len] = '\0';
		}
		if (in->len > ANSWER_MAX)
			return err_set(err, "%s: the answer does not end", c->address);
		short events = (short)(POLLIN | (sent < out->len ? POLLOUT : 0));
		if (!moved && got < 0 && !wait_for(s, events, clock_mono_ms() + QUIET_MS))
			return err_set(err, "%s: NSD does not answer in time", c->address);
	}
}

int control_command(struct control *c, const char *command, const struct buf *input,
    struct buf *answer, struct err *err)
{
	struct stream s = {.fd = -1};
	struct buf out = {0}, in = {0};
	buf_addf(&out, "NSDCT1 %s\n", command);
	if (input != NULL) {
		buf_add(&out, input->data, input->len);
		buf_adds(&out, END_OF_INPUT);
	}
	int r = start(c, &s, err);
	if (r == 0)
		r = converse(c, &s, &out, &in, err);
	/* With no zones at all, zonestatus has nothing to say. */
	if (r == 0 && in.len == 0 && strcmp(command, "zonestatus") != 0)
		r = err_set(err, "%s: what listens there does not answer as NSD", c->address);
	if (r == 0 && strncmp(buf_str(&in), "error", 5) == 0) {
		r = 1;
		err_set(err, "%.*s", (int)strcspn(in.data, "\n"), in.data);
	}
	if (answer != NULL)
		buf_add(answer, in.data, in.len);
	if (s.tls != NULL)
		gnutls_deinit(s.tls);
	if (s.fd >= 0)
		close(s.fd);
	buf_free(&out);
	buf_free(&in);
	return r;
}
