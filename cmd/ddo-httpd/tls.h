/* tls: the certificate of our own listeners (app.ssl_cert, ssl_key, ssl_bundle), by GnuTLS.
 *
 * There is one for the process, because libmicrohttpd's callback has no argument of ours.  Call
 * tls_open(), then tls_refresh() now and then from one thread, then tls_close().  When a file has
 * changed, new connections get the new certificate; a bad one is logged and the old one stays.
 *
 * ddo-httpd has no GnuTLS (tls_absent.c): with app.ssl_enable it becomes ddo-httpd-tls, the same
 * program with it, by tls_become(), which returns only on failure.
 */
#ifndef DDO_TLS_H
#define DDO_TLS_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stddef.h>

#include "conf/conf.h"

/* TLS 1.2 and later. */
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

bool tls_is_present(void);
int tls_become(char **argv, struct err *err);

int tls_open(const struct conf *conf, struct err *err);
void tls_refresh(const struct conf *conf);
void tls_close(void);

/* For MHD_OPTION_HTTPS_CERT_CALLBACK (gnutls_certificate_retrieve_function2). */
int tls_certificate(gnutls_session_t session, const gnutls_datum_t *names, int nnames,
    const gnutls_pk_algorithm_t *algorithms, int nalgorithms, gnutls_pcert_st **chain,
    unsigned *length, gnutls_privkey_t *key);

/* Call it when a connection begins, before its handshake. */
void tls_started(gnutls_session_t session);
/* Sends as much as goes at once. */
void tls_send(gnutls_session_t session, const void *data, size_t len);

#endif
