/* link: one connection to one of a target's database hosts. */
#include "link.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define STATEMENT_MOST (64 << 10) /* ddo builds the next one while the server executes one */
/* Not in every client's mysqld_error.h, hence here by number. */
#define ER_WSREP_NOT_READY 1047 /* ER_UNKNOWN_COM_ERROR: "WSREP has not yet prepared node ..." */
#define ER_STATEMENT_TIMEOUT 1969
#define ER_CONNECTION_KILLED 1927
#define ER_CHECK_FAILED_MARIADB 4025
#define ER_CHECK_FAILED_MYSQL 3819
#define ER_CLIENT_TIMEOUT 4031
#define ER_CANNOT_CONVERT_STRING_MYSQL 3988

struct host {
	char *name; /* NULL: the socket */
	unsigned port;
	char *shown;
};

struct link {
	struct host *hosts;
	size_t nhosts, at;
	const char *socket, *database, *username, *ca, *cert, *key;
	char *password;
	bool tls, verify;
	unsigned connect_s, read_s, write_s;
	MYSQL *my; /* NULL: not connected */
	size_t statement_max, packet_max;
	bool posted; /* the result of a statement is still to be read */
};

static unsigned number(const struct conf_target *t, const char *key, unsigned fallback)
{
	const char *value = conf_option(t, key, NULL);
	return value == NULL ? fallback : (unsigned)strtoul(value, NULL, 10);
}

static void add_host(struct link *l, const char *name, size_t len, unsigned port)
{
	struct buf shown = {0};
	l->hosts = mem_resize(l->hosts, l->nhosts + 1, sizeof(*l->hosts));
	struct host *h = &l->hosts[l->nhosts++];
	*h = (struct host){.name = mem_dupn(name, len), .port = port};
	buf_addf(&shown, memchr(name, ':', len) != NULL ? "[%s]:%u" : "%s:%u", h->name, port);
	h->shown = shown.data;
}

/* HOST, HOST:PORT, [ADDRESS6]:PORT, ADDRESS6 */
static int parse_host(struct link *l, const char *text, unsigned port, struct err *err)
{
	const char *end = text + strlen(text), *colon = strrchr(text, ':');
	bool bracket = text[0] == '[';
	if (bracket) {
		text++;
		end = strchr(text, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return err_set(err, "hosts: write [ADDRESS] or [ADDRESS]:PORT");
		colon = end[1] == ':' ? end + 1 : NULL;
	} else if (colon != NULL && strchr(text, ':') == colon) {
		end = colon;
	} else {
		colon = NULL;
	}
	if (colon != NULL) {
		size_t digits = strspn(colon + 1, "0123456789");
		port = (unsigned)strtoul(colon + 1, NULL, 10);
		if (digits == 0 || digits > 5 || colon[1 + digits] != '\0' || port == 0 ||
		    port > 65535)
			return err_set(err, "hosts: the port must be a number from 1 to 65535");
	}
	if (end == text)
		return err_set(err, "hosts: a host is empty");
	add_host(l, text, (size_t)(end - text), port);
	return 0;
}

static int read_hosts(struct link *l, const struct conf_target *t, struct err *err)
{
	unsigned port = number(t, "port", 3306);
	bool listed = conf_option(t, "hosts", NULL) != NULL;
	for (size_t i = 0; i < t->noptions; i++) {
		if (strcmp(t->options[i].key, "hosts") == 0 && t->options[i].value != NULL &&
		    parse_host(l, t->options[i].value, port, err) < 0)
			return -1;
	}
	if (l->socket != NULL) {
		l->hosts = mem_resize(NULL, 1, sizeof(*l->hosts));
		l->hosts[l->nhosts++] = (struct host){.shown = mem_dup(l->socket)};
	} else if (!listed) {
		const char *host = conf_option(t, "host", "127.0.0.1");
		add_host(l, host, strlen(host), port);
	}
	return 0;
}

int link_open(struct link **out, const struct conf_target *t, struct err *err)
{
	struct link *l = mem_alloc(sizeof(*l));
	const char *file = conf_option(t, "password_file", NULL);
	const char *verify = conf_option(t, "ssl_verify", NULL);
	l->socket = conf_option(t, "socket", NULL);
	l->database = conf_option(t, "database", "coredns");
	l->username = conf_option(t, "username", "coredns");
	l->ca = conf_option(t, "ssl_ca", NULL);
	l->cert = conf_option(t, "ssl_cert", NULL);
	l->key = conf_option(t, "ssl_key", NULL);
	l->tls = l->ca != NULL || l->cert != NULL || verify != NULL;
	l->verify = verify == NULL || conf_is_true(verify);
	l->connect_s = number(t, "connect_timeout", 5);
	l->read_s = number(t, "read_timeout", 20);
	l->write_s = number(t, "write_timeout", 20);
	int r = 0;
	if (file != NULL)
		r = conf_read_secret(file, &l->password, err);
	else
		l->password = mem_dup(conf_option(t, "password", ""));
	if (r == 0)
		r = read_hosts(l, t, err);
	if (r < 0)
		link_close(l);
	*out = r == 0 ? l : NULL;
	return r;
}

static void hang_up(struct link *l)
{
	if (l->my != NULL)
		mysql_close(l->my);
	l->my = NULL;
	l->posted = false;
}

void link_close(struct link *l)
{
	if (l == NULL)
		return;
	hang_up(l);
	for (size_t i = 0; i < l->nhosts; i++) {
		free(l->hosts[i].name);
		free(l->hosts[i].shown);
	}
	if (l->password != NULL)
		explicit_bzero(l->password, strlen(l->password));
	free(l->password);
	free(l->hosts);
	free(l);
}

void link_drop(struct link *l)
{
	hang_up(l);
	l->at = (l->at + 1) % l->nhosts;
}

const char *link_host(const struct link *l)
{
	return l->hosts[l->at].shown;
}

size_t link_hosts(const struct link *l)
{
	return l->nhosts;
}

size_t link_statement_max(const struct link *l)
{
	return l->statement_max;
}

/* The classes of SQLSTATE that blame the rows: data exceptions, constraints (keys,
 * foreign keys, NOT NULL, CHECK), a view's WITH CHECK OPTION, a trigger's or procedure's SIGNAL. */
static bool is_about_rows(const char *state)
{
	static const char classes[] = "22 23 44 45";
	char class[3] = {state[0], state[0] == '\0' ? '\0' : state[1], '\0'};
	return strlen(class) == 2 && strstr(classes, class) != NULL;
}

static enum sql judge(unsigned code, const char *state)
{
	if (code == ER_DUP_ENTRY || code == ER_DUP_ENTRY_WITH_KEY_NAME ||
	    code == ER_DUP_UNKNOWN_IN_INDEX)
		return SQL_TAKEN;
	if (is_about_rows(state))
		return SQL_REFUSED;
	switch (code) {
	case WARN_DATA_TRUNCATED:
	case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
	case ER_NO_DEFAULT_FOR_FIELD: /* the operator added a column */
	case ER_INVALID_CHARACTER_STRING:
	case ER_CANNOT_CONVERT_STRING_MYSQL:
	case ER_NO_PARTITION_FOR_GIVEN_VALUE:
	case ER_ROW_DOES_NOT_MATCH_GIVEN_PARTITION_SET:
	case ER_TOO_BIG_ROWSIZE:
	case ER_INDEX_COLUMN_TOO_LONG:
	case ER_ILLEGAL_VALUE_FOR_TYPE:
	case ER_NET_PACKET_TOO_LARGE:
	case ER_TOO_LONG_STRING:
	case ER_CHECK_FAILED_MARIADB:
	case ER_CHECK_FAILED_MYSQL:
		return SQL_REFUSED;
	case ER_LOCK_DEADLOCK:
	case ER_LOCK_WAIT_TIMEOUT:
	case ER_ERROR_DURING_COMMIT:
	case ER_CHECKREAD:
		return SQL_AGAIN;
	case 3:  /* EE_WRITE, "Error writing file ... (Errcode: 28)" */
	case 28: /* ENOSPC as such */
	case ER_CON_COUNT_ERROR:
	case ER_DBACCESS_DENIED_ERROR:
	case ER_ACCESS_DENIED_ERROR:
	case ER_BAD_DB_ERROR:
	case ER_NO_DB_ERROR:
	case ER_WSREP_NOT_READY:
	case ER_SERVER_SHUTDOWN:
	case ER_HOST_IS_BLOCKED:
	case ER_HOST_NOT_PRIVILEGED:
	case ER_TABLEACCESS_DENIED_ERROR:
	case ER_COLUMNACCESS_DENIED_ERROR:
	case ER_SPECIFIC_ACCESS_DENIED_ERROR:
	case ER_NO_SUCH_TABLE:
	case ER_BAD_FIELD_ERROR:
	case ER_TOO_MANY_USER_CONNECTIONS:
	case ER_USER_LIMIT_REACHED:
	case ER_OPTION_PREVENTS_STATEMENT:
	case ER_READ_ONLY_MODE:
	case ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION:
	case ER_READ_ONLY_TRANSACTION:
	case ER_INNODB_READ_ONLY:
	case ER_DISK_FULL:
	case ER_RECORD_FILE_FULL:
	case ER_ERROR_ON_WRITE:
	case ER_GET_ERRNO:
	case ER_OUTOFMEMORY:
	case ER_OUT_OF_RESOURCES:
	case ER_BINLOG_STMT_MODE_AND_ROW_ENGINE: /* READ COMMITTED needs another binlog_format */
	case ER_QUERY_INTERRUPTED:
	case ER_STATEMENT_TIMEOUT:
	case ER_CONNECTION_KILLED:
	case ER_CLIENT_TIMEOUT:
		return SQL_DOWN;
	default:
		/* The client library's own codes: the connection is lost. */
		return code >= CR_MIN_ERROR && code <= 5999 && !(code > CR_MAX_ERROR && code < 5000)
			   ? SQL_DOWN
			   : SQL_ODD;
	}
}

static enum sql failed(const struct link *l, struct err *err)
{
	unsigned code = mysql_errno(l->my);
	err_set(err, "%s: %s (%u)", link_host(l), mysql_error(l->my), code);
	return judge(code, mysql_sqlstate(l->my));
}

static void set_options(const struct link *l)
{
	unsigned off = 0, protocol = MYSQL_PROTOCOL_TCP;
	my_bool on = 1, verify = l->verify;
	mysql_options(l->my, MYSQL_OPT_CONNECT_TIMEOUT, &l->connect_s);
	mysql_options(l->my, MYSQL_OPT_READ_TIMEOUT, &l->read_s);
	mysql_options(l->my, MYSQL_OPT_WRITE_TIMEOUT, &l->write_s);
	mysql_options(l->my, MYSQL_OPT_LOCAL_INFILE, &off); /* a server could ask for any file */
	mysql_options(l->my, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (l->hosts[l->at].name != NULL && strcmp(l->hosts[l->at].name, "localhost") != 0)
		mysql_options(l->my, MYSQL_OPT_PROTOCOL, &protocol);
	if (l->tls) {
		mysql_ssl_set(l->my, l->key, l->cert, l->ca, NULL, NULL);
		mysql_options(l->my, MYSQL_OPT_SSL_ENFORCE, &on);
		mysql_options(l->my, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
	} else {
		/* A stranger at that address must not get the password in clear text. */
		mysql_options(l->my, MARIADB_OPT_RESTRICTED_AUTH,
		    "mysql_native_password,client_ed25519,caching_sha2_password,parsec");
	}
}

/* The last column of the only row, as a number; ON is 1. */
static enum sql one_number(struct link *l, const char *query, unsigned long *out, struct err *err)
{
	struct buf text = {0};
	MYSQL_RES *res;
	buf_adds(&text, query);
	enum sql r = link_query(l, &text, &res, err);
	buf_free(&text);
	if (r != SQL_OK)
		return r;
	MYSQL_ROW row = mysql_fetch_row(res);
	const char *value = row != NULL ? row[mysql_num_fields(res) - 1] : NULL;
	*out = value == NULL ? 0 : strcmp(value, "ON") == 0 ? 1 : strtoul(value, NULL, 10);
	mysql_free_result(res);
	return SQL_OK;
}

/* READ COMMITTED takes no gap locks: two writers that look for missing zones do not block each
 * other.  A Galera node must first apply what the others committed: on a node that lags, an older
 * zone could look like the wanted one. */
static enum sql prepare(struct link *l, struct err *err)
{
	unsigned long packet = 0, wsrep = 0;
	enum sql r = link_say(l,
	    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', "
	    "innodb_lock_wait_timeout = 5",
	    err);
	if (r == SQL_OK)
		r = link_say(l, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", err);
	if (r == SQL_OK)
		r = one_number(l, "SELECT @@max_allowed_packet", &packet, err);
	if (r == SQL_OK)
		r = one_number(l, "SHOW VARIABLES LIKE 'wsrep_on'", &wsrep, err);
	if (r == SQL_OK && wsrep > 0)
		r = link_say(l, "SET SESSION wsrep_sync_wait = 7", err);
	l->packet_max = (size_t)packet;
	l->statement_max =
	    packet / 2 > STATEMENT_MOST || packet == 0 ? STATEMENT_MOST : (size_t)(packet / 2);
	return r;
}

/* "Access denied" is also what an account with REQUIRE SSL gets without TLS. */
static void explain_denial(const struct link *l, struct err *err)
{
	bool can_tls = (l->my->server_capabilities & CLIENT_SSL) != 0;
	if (mysql_errno(l->my) != ER_ACCESS_DENIED_ERROR || l->socket != NULL ||
	    (can_tls && l->tls))
		return;
	err_set(err, "%s; with REQUIRE SSL the account needs TLS: %s", err->text,
	    can_tls ? "set ssl_ca" : "give the server ssl_cert and ssl_key");
}

static enum sql connect_host(struct link *l, struct err *err)
{
	const struct host *h = &l->hosts[l->at];
	enum sql r = SQL_OK;
	l->my = mysql_init(NULL);
	if (l->my == NULL) {
		err_set(err, "no memory for a connection");
		return SQL_DOWN;
	}
	set_options(l);
	if (mysql_real_connect(l->my, h->name, l->username, l->password, l->database, h->port,
		l->socket, 0) == NULL) {
		failed(l, err);
		explain_denial(l, err);
		r = SQL_DOWN;
	} else if (l->tls && mysql_get_ssl_cipher(l->my) == NULL) {
		err_set(err,
		    "%s: the server does not speak TLS, which ssl_ca, ssl_cert or ssl_verify asks "
		    "for",
		    link_host(l));
		r = SQL_DOWN;
	} else if (prepare(l, err) != SQL_OK) {
		r = SQL_DOWN;
	}
	return r;
}

enum sql link_ready(struct link *l, bool *fresh, struct err *err)
{
	if (fresh != NULL)
		*fresh = l->my == NULL;
	if (l->my != NULL)
		return SQL_OK;
	for (size_t i = 0; i < l->nhosts; i++) {
		if (connect_host(l, err) == SQL_OK)
			return SQL_OK;
		link_drop(l);
	}
	return SQL_DOWN;
}

static enum sql finish(struct link *l, struct err *err)
{
	bool posted = l->posted;
	l->posted = false;
	return posted && mysql_read_query_result(l->my) != 0 ? failed(l, err) : SQL_OK;
}

static enum sql send_text(struct link *l, const char *text, size_t len, struct err *err)
{
	enum sql r = finish(l, err);
	if (r != SQL_OK)
		return r;
	/* The server would close the connection, and the whole batch would fail. */
	if (l->packet_max > 0 && len + 1 > l->packet_max) {
		err_set(err, "%s: a statement of %zu bytes is above max_allowed_packet (%zu)",
		    link_host(l), len, l->packet_max);
		return SQL_REFUSED;
	}
	if (mysql_send_query(l->my, text, (unsigned long)len) != 0)
		return failed(l, err);
	l->posted = true;
	return SQL_OK;
}

enum sql link_post(struct link *l, const struct buf *statement, struct err *err)
{
	return send_text(l, statement->data, statement->len, err);
}

enum sql link_exec(struct link *l, const struct buf *statement, struct err *err)
{
	enum sql r = link_post(l, statement, err);
	return r == SQL_OK ? finish(l, err) : r;
}

enum sql link_say(struct link *l, const char *statement, struct err *err)
{
	enum sql r = send_text(l, statement, strlen(statement), err);
	return r == SQL_OK ? finish(l, err) : r;
}

enum sql link_result(struct link *l, MYSQL_RES **res, struct err *err)
{
	*res = NULL;
	enum sql r = finish(l, err);
	if (r != SQL_OK)
		return r;
	*res = mysql_store_result(l->my);
	return *res == NULL ? failed(l, err) : SQL_OK;
}

enum sql link_query(struct link *l, const struct buf *statement, MYSQL_RES **res, struct err *err)
{
	*res = NULL;
	enum sql r = link_post(l, statement, err);
	return r == SQL_OK ? link_result(l, res, err) : r;
}

void link_text(struct link *l, struct buf *out, const char *value)
{
	if (value == NULL) {
		buf_adds(out, "NULL");
		return;
	}
	size_t len = strlen(value);
	buf_addc(out, '\'');
	buf_reserve(out, 2 * len + 1);
	out->len +=
	    mysql_real_escape_string(l->my, out->data + out->len, value, (unsigned long)len);
	buf_addc(out, '\'');
}

bool link_is_name(const char *identifier)
{
	size_t len = strlen(identifier);
	return len >= 1 && len <= 64 &&
	       strspn(identifier,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$") == len;
}
