/* tls_absent: ddo-httpd without TLS.
 *
 * Loading GnuTLS would cost a process that lives for one push more than all its other work.  So
 * ddo-httpd links libmicrohttpd statically, and this file in the place of tls.c. */
#include <string.h>
#include <unistd.h>

#include "tls.h"

bool tls_is_present(void)
{
	return false;
}

int tls_become(char **argv, struct err *err)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 5);
	static const char gone[] = " (deleted)"; /* replaced by an upgrade */
	const ssize_t tail = (ssize_t)sizeof(gone) - 1;
	if (len > tail && memcmp(path + len - tail, gone, (size_t)tail) == 0)
		len -= tail;
	if (len > 0) {
		memcpy(path + len, "-tls", 5);
		execv(path, argv);
	}
	return err_sys(err, "app.ssl_enable: cannot become %s", len > 0 ? path : "ddo-httpd-tls");
}

int tls_certificate(gnutls_session_t session, const gnutls_datum_t *names, int nnames,
    const gnutls_pk_algorithm_t *algorithms, int nalgorithms, gnutls_pcert_st **chain,
    unsigned *length, gnutls_privkey_t *key)
{
	(void)session, (void)names, (void)nnames, (void)algorithms, (void)nalgorithms;
	(void)chain, (void)length, (void)key;
	return -1;
}

int tls_open(const struct conf *conf, struct err *err)
{
	(void)conf;
	return err_set(err, "this program has no TLS");
}

void tls_refresh(const struct conf *conf)
{
	(void)conf;
}

void tls_close(void)
{
}

void tls_started(gnutls_session_t session)
{
	(void)session;
}

void tls_send(gnutls_session_t session, const void *data, size_t len)
{
	(void)session, (void)data, (void)len;
}
