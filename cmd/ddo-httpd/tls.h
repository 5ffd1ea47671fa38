/* tls: the certificate of listeners of our own (app.ssl_cert, ssl_key, ssl_bundle), by GnuTLS.
 *
 * One a process: libmicrohttpd's callback has no argument of ours.  tls_refresh() is to be called
 * now and then, by one thread: when a file has changed, new connections get the new certificate; a
 * bad one is logged and the old one stays.
 */
#ifndef DDO_TLS_H
#define DDO_TLS_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stddef.h>

#include "conf/conf.h"

/* TLS 1.2 and later. */
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/* ddo-httpd has no GnuTLS (tls_absent.c); with app.ssl_enable a listener goes on as ddo-httpd-tls,
 * the same program with it.  tls_become() returns only when it cannot. */
bool tls_is_present(void);
int tls_become(char **argv, struct err *err);

int tls_open(const struct conf *conf, struct err *err);
void tls_refresh(const struct conf *conf);
void tls_close(void);

/* For MHD_OPTION_HTTPS_CERT_CALLBACK (gnutls_certificate_retrieve_function2). */
int tls_certificate(gnutls_session_t session, const gnutls_datum_t *names, int nnames,
    const gnutls_pk_algorithm_t *algorithms, int nalgorithms, gnutls_pcert_st **chain,
    unsigned *length, gnutls_privkey_t *key);

/* To be called when a connection begins, before its handshake. */
void tls_started(gnutls_session_t session);
/* As much as goes at once. */
void tls_send(gnutls_session_t session, const void *data, size_t len);

#endif
