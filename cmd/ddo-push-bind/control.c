/* control: speaks the protocol of named's control channel. */
#include "control.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/mem.h"
#include "control_key.h"

#define CONNECT_MS 3000
#define ANSWER_MS 60000 /* a reconfig with very many zones */
#define REPLY_MAX ((size_t)4 << 20)
#define VERSION_1 1
#define TYPE_BINARY 1
#define TYPE_TABLE 2
#define AUTH_SIZE (1 + 5 + 1 + 4 + 1 + 4 + 1 + 4 + 1 + CONTROL_MAC_SIZE)
#define LIFETIME_S 300 /* as much as named allows clocks to differ */

struct control {
	const char *address, *key_file, *rndc;
	struct sockaddr_storage sockaddr;
	socklen_t sockaddr_len;
	struct control_key key;
	int fd;
	uint32_t serial;
	char nonce[32];
};

int control_open(struct control **out, const char *address, const char *key_file, const char *rndc,
    struct err *err)
{
	struct control *c = mem_alloc(sizeof(*c));
	c->address = address;
	c->key_file = key_file;
	c->rndc = rndc;
	c->fd = -1;
	if (getrandom(&c->serial, sizeof(c->serial), 0) != sizeof(c->serial))
		c->serial = (uint32_t)clock_wall_us();
	c->serial &= INT32_MAX;
	if (addr_parse(address, 953, &c->sockaddr, &c->sockaddr_len) < 0) {
		free(c);
		return err_set(err, "control: %s is not ADDRESS:PORT", address);
	}
	*out = c;
	return 0;
}

static void hang_up(struct control *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->nonce[0] = '\0';
}

void control_close(struct control *c)
{
	if (c == NULL)
		return;
	hang_up(c);
	control_key_free(&c->key);
	free(c);
}

/* the wire ------------------------------------------------------------------------------------- */

static void add_u32(struct buf *b, size_t n)
{
	uint32_t wire = htonl((uint32_t)n);
	buf_add(b, &wire, sizeof(wire));
}

static void add_name(struct buf *b, const char *name, char type)
{
	buf_addc(b, (char)strlen(name));
	buf_adds(b, name);
	buf_addc(b, type);
}

static void add_value(struct buf *b, const char *name, const char *value, size_t len)
{
	add_name(b, name, TYPE_BINARY);
	add_u32(b, len);
	buf_add(b, value, len);
}

static void add_number(struct buf *b, const char *name, long long value)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%lld", value);
	add_value(b, name, text, (size_t)len);
}

static void add_table(struct buf *b, const char *name, struct buf *table)
{
	add_name(b, name, TYPE_TABLE);
	add_u32(b, table->len);
	buf_add(b, table->data, table->len);
	buf_reset(table);
}

static void make_message(struct control *c, const char *command, struct buf *out)
{
	struct buf body = {0}, table = {0};
	char mac[1 + CONTROL_MAC_SIZE];
	long long now = clock_wall_s();
	add_number(&table, "_ser", ++c->serial);
	add_number(&table, "_tim", now);
	add_number(&table, "_exp", now + LIFETIME_S);
	if (c->nonce[0] != '\0')
		add_value(&table, "_nonce", c->nonce, strlen(c->nonce));
	add_table(&body, "_ctrl", &table);
	add_value(&table, "type", command, strlen(command));
	add_table(&body, "_data", &table);
	control_key_mac(&c->key, body.data, body.len, mac + 1);
	mac[0] = (char)c->key.number;
	add_value(&table, "hsha", mac, sizeof(mac));
	add_u32(out, 4 + AUTH_SIZE + body.len);
	add_u32(out, VERSION_1);
	add_table(out, "_auth", &table);
	buf_add(out, body.data, body.len);
	buf_free(&body);
	buf_free(&table);
}

struct view {
	const uint8_t *data;
	size_t len;
};

static bool take(struct view *v, size_t len, struct view *out)
{
	if (v->len < len)
		return false;
	*out = (struct view){v->data, len};
	v->data += len;
	v->len -= len;
	return true;
}

/* The next element of a table. */
static bool take_element(struct view *v, struct view *name, uint8_t *type, struct view *value)
{
	struct view head;
	if (!take(v, 1, &head) || !take(v, head.data[0], name) || !take(v, 5, &head))
		return false;
	*type = head.data[0];
	size_t len = (size_t)head.data[1] << 24 | (size_t)head.data[2] << 16 |
		     (size_t)head.data[3] << 8 | head.data[4];
	return take(v, len, value);
}

static bool find(struct view table, const char *want, uint8_t want_type, struct view *value)
{
	struct view name;
	uint8_t type;
	while (take_element(&table, &name, &type, value)) {
		if (type == want_type && name.len == strlen(want) &&
		    memcmp(name.data, want, name.len) == 0)
			return true;
	}
	*value = (struct view){0};
	return false;
}

static bool find_in(struct view message, const char *table, const char *want, struct view *value)
{
	struct view inner;
	return find(message, table, TYPE_TABLE, &inner) && find(inner, want, TYPE_BINARY, value);
}

static bool is_genuine(const struct control *c, struct view message)
{
	struct view auth, hsha, name;
	uint8_t type;
	char mac[CONTROL_MAC_SIZE];
	if (!take_element(&message, &name, &type, &auth) || type != TYPE_TABLE || name.len != 5 ||
	    memcmp(name.data, "_auth", 5) != 0 || !find(auth, "hsha", TYPE_BINARY, &hsha) ||
	    hsha.len != 1 + CONTROL_MAC_SIZE || hsha.data[0] != c->key.number)
		return false;
	control_key_mac(&c->key, message.data, message.len, mac);
	unsigned differs = 0;
	for (size_t i = 0; i < CONTROL_MAC_SIZE; i++)
		differs |= (unsigned)(hsha.data[1 + i] ^ (uint8_t)mac[i]);
	return differs == 0;
}

/* the connection ------------------------------------------------------------------------------- */

static int transfer(struct control *c, void *data, size_t len, bool out, int64_t until)
{
	for (uint8_t *p = data; len > 0;) {
		struct pollfd pfd = {.fd = c->fd, .events = out ? POLLOUT : POLLIN};
		int64_t left = until - clock_mono_ms();
		if (left <= 0 || poll(&pfd, 1, (int)left) == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		ssize_t n = out ? send(c->fd, p, len, MSG_NOSIGNAL) : recv(c->fd, p, len, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n == 0)
			errno = ECONNRESET;
		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* One message out, one in; *reply points into `in`. */
static int exchange(
    struct control *c, const char *command, struct buf *in, struct view *reply, struct err *err)
{
	struct buf out = {0};
	int r = 0;
	int64_t until = clock_mono_ms() + ANSWER_MS;
	uint32_t size = 0;
	make_message(c, command, &out);
	if (transfer(c, out.data, out.len, true, until) < 0 ||
	    transfer(c, &size, sizeof(size), false, until) < 0)
		r = err_sys(err, "named's control channel %s", c->address);
	buf_free(&out);
	size = ntohl(size);
	if (r == 0 && (size < 4 || size > REPLY_MAX))
		r = err_set(err,
		    "named's control channel %s: what answers does not speak its protocol",
		    c->address);
	if (r < 0)
		return r;
	buf_reserve(in, size);
	if (transfer(c, in->data, size, false, until) < 0)
		return err_sys(err, "named's control channel %s", c->address);
	*reply = (struct view){(uint8_t *)in->data + 4, size - 4};
	if (!is_genuine(c, *reply))
		return err_set(err,
		    "named's control channel %s: the reply is not signed with our key", c->address);
	return 0;
}

static int dial(struct control *c, struct err *err)
{
	control_key_free(&c->key);
	if (control_key_read(&c->key, c->key_file, err) < 0)
		return -1;
	c->fd = socket(c->sockaddr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		return err_sys(err, "cannot make a socket");
	int fault = 0;
	socklen_t len = sizeof(fault);
	if (connect(c->fd, (struct sockaddr *)&c->sockaddr, c->sockaddr_len) < 0)
		fault = errno;
	struct pollfd pfd = {.fd = c->fd, .events = POLLOUT};
	if (fault == EINPROGRESS && poll(&pfd, 1, CONNECT_MS) <= 0)
		fault = ETIMEDOUT;
	else if (fault == EINPROGRESS)
		getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &fault, &len);
	errno = fault;
	if (fault != 0)
		return err_sys(err, "named's control channel %s", c->address);
	struct buf in = {0};
	struct view reply, nonce;
	int r = exchange(c, "null", &in, &reply, err);
	if (r == 0 && (!find_in(reply, "_ctrl", "_nonce", &nonce) || nonce.len >= sizeof(c->nonce)))
		r = err_set(err, "named's control channel %s: no nonce came", c->address);
	if (r == 0)
		snprintf(
		    c->nonce, sizeof(c->nonce), "%.*s", (int)nonce.len, (const char *)nonce.data);
	else if (errno == ECONNRESET)
		err_set(err, "named's control channel %s hangs up: does it know the key of %s?",
		    c->address, c->key_file);
	buf_free(&in);
	return r;
}

static int judge(struct view reply, struct buf *text, struct err *err)
{
	struct view result, words;
	if (!find_in(reply, "_data", "result", &result))
		return err_set(err, "named's control channel: a reply without a result");
	if (result.len == 1 && result.data[0] == '0') {
		if (text != NULL && find_in(reply, "_data", "text", &words))
			buf_add(text, words.data, words.len);
		return 0;
	}
	struct view what;
	find_in(reply, "_data", "err", &what);
	find_in(reply, "_data", "text", &words);
	err_set(err, "%.*s%s%.*s", (int)what.len, (const char *)what.data,
	    what.len > 0 && words.len > 0 ? ": " : "", (int)words.len, (const char *)words.data);
	return 1;
}

/* the rndc program ----------------------------------------------------------------------------- */

static int rndc_command(struct control *c, const char *command, struct buf *text, struct err *err)
{
	char host[INET6_ADDRSTRLEN], port[8];
	addr_format(&c->sockaddr, host, port);
	char *argv[] = {mem_dup(c->rndc), mem_dup("-s"), host, mem_dup("-p"), port, mem_dup("-k"),
	    mem_dup(c->key_file), mem_dup(command), NULL};
	char *envp[] = {NULL};
	struct buf out = {0}, errout = {0};
	int status = 0;
	int r = child_capture(
	    c->rndc, argv, envp, NULL, 0, ANSWER_MS, REPLY_MAX, &out, &errout, &status, err);
	free(argv[0]);
	free(argv[1]);
	free(argv[3]);
	for (size_t i = 5; argv[i] != NULL; i++)
		free(argv[i]);
	const char *failed = strstr(buf_str(&errout), "' failed: ");
	if (r == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		if (text != NULL)
			buf_add(text, out.data, out.len);
	} else if (r == 0 && failed != NULL) {
		err_set(err, "%s", failed + strlen("' failed: "));
		r = 1;
	} else if (r == 0) {
		r = err_set(err, "%s: %s", c->rndc, buf_str(&errout));
	}
	buf_free(&out);
	buf_free(&errout);
	return r;
}

int control_command(struct control *c, const char *command, struct buf *text, struct err *err)
{
	if (c->rndc != NULL)
		return rndc_command(c, command, text, err);
	/* named may have closed a connection that was idle, or have been started anew: every
	 * command here may be said twice. */
	for (int fresh = c->fd < 0;; fresh = 1) {
		struct buf in = {0};
		struct view reply;
		int r = c->fd >= 0 ? 0 : dial(c, err);
		if (r == 0)
			r = exchange(c, command, &in, &reply, err);
		if (r == 0)
			r = judge(reply, text, err);
		buf_free(&in);
		if (r < 0)
			hang_up(c);
		if (r >= 0 || fresh)
			return r;
	}
}
