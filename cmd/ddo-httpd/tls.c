/* tls: certificates and session tickets, by GnuTLS. */
#include "tls.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/msg.h"

#define CHAIN_MOST 16
#define FILE_MOST (256 * 1024)
#define FILES 3

struct identity {
	gnutls_pcert_st chain[CHAIN_MOST];
	unsigned length;
	gnutls_privkey_t key;
	struct identity *older; /* kept: a handshake may still use it */
};

static struct {
	pthread_mutex_t mutex;
	struct identity *now;
	struct stat seen[FILES];
	gnutls_datum_t ticket_key;
} tls = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void free_identity(struct identity *id)
{
	for (unsigned i = 0; i < id->length; i++)
		gnutls_pcert_deinit(&id->chain[i]);
	if (id->key != NULL)
		gnutls_privkey_deinit(id->key);
	free(id);
}

static int complain(const char *what, int code, struct err *err)
{
	return err_set(err, "%s: %s", what, gnutls_strerror(code));
}

static int read_chain(struct identity *id, const struct conf *conf, struct err *err)
{
	struct buf pem = {0};
	int r = file_read(AT_FDCWD, conf->ssl_cert, &pem, FILE_MOST, err);
	buf_addc(&pem, '\n');
	if (r == 0 && conf->ssl_bundle != NULL) {
		struct buf more = {0};
		r = file_read(AT_FDCWD, conf->ssl_bundle, &more, FILE_MOST, err);
		buf_add(&pem, more.data, more.len);
		buf_free(&more);
	}
	unsigned length = CHAIN_MOST;
	gnutls_datum_t datum = {.data = (unsigned char *)pem.data, .size = (unsigned)pem.len};
	if (r == 0) {
		r = gnutls_pcert_list_import_x509_raw(
		    id->chain, &length, &datum, GNUTLS_X509_FMT_PEM, 0);
		if (r < 0)
			complain(conf->ssl_cert, r, err);
		else
			id->length = length;
	}
	buf_free(&pem);
	return r < 0 ? -1 : 0;
}

static int read_key(struct identity *id, const struct conf *conf, struct err *err)
{
	struct buf pem = {0};
	if (file_read(AT_FDCWD, conf->ssl_key, &pem, FILE_MOST, err) < 0) {
		buf_free(&pem);
		return -1;
	}
	gnutls_datum_t datum = {.data = (unsigned char *)pem.data, .size = (unsigned)pem.len};
	int r = gnutls_privkey_init(&id->key);
	if (r == 0)
		r = gnutls_privkey_import_x509_raw(id->key, &datum, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (pem.data != NULL)
		explicit_bzero(pem.data, pem.cap);
	buf_free(&pem);
	return r < 0 ? complain(conf->ssl_key, r, err) : 0;
}

/* A renewal writes the two files one after the other, so it may show a pair that does not fit. */
static int check_pair(const struct identity *id, const struct conf *conf, struct err *err)
{
	unsigned char ours[64], theirs[64];
	size_t ours_len = sizeof(ours), theirs_len = sizeof(theirs);
	gnutls_pubkey_t of_key;
	int r = gnutls_pubkey_init(&of_key);
	if (r < 0)
		return complain(conf->ssl_key, r, err);
	r = gnutls_pubkey_import_privkey(of_key, id->key, 0, 0);
	if (r == 0)
		r = gnutls_pubkey_get_key_id(of_key, GNUTLS_KEYID_USE_SHA256, ours, &ours_len);
	if (r == 0)
		r = gnutls_pubkey_get_key_id(
		    id->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256, theirs, &theirs_len);
	gnutls_pubkey_deinit(of_key);
	if (r < 0)
		return complain(conf->ssl_key, r, err);
	if (ours_len != theirs_len || memcmp(ours, theirs, ours_len) != 0)
		return err_set(err, "%s is not the key of the first certificate in %s",
		    conf->ssl_key, conf->ssl_cert);
	return 0;
}

static int load(const struct conf *conf, struct err *err)
{
	struct identity *id = mem_alloc(sizeof(*id));
	if (read_chain(id, conf, err) < 0 || read_key(id, conf, err) < 0 ||
	    check_pair(id, conf, err) < 0) {
		free_identity(id);
		return -1;
	}
	pthread_mutex_lock(&tls.mutex);
	id->older = tls.now;
	tls.now = id;
	pthread_mutex_unlock(&tls.mutex);
	return 0;
}

/* True: a file has changed or was replaced since the last call. */
static bool has_changed(const struct conf *conf)
{
	const char *const paths[FILES] = {conf->ssl_cert, conf->ssl_key, conf->ssl_bundle};
	bool changed = false;
	for (size_t i = 0; i < FILES; i++) {
		struct stat st = {0}, *old = &tls.seen[i];
		if (paths[i] != NULL)
			(void)stat(paths[i], &st);
		changed = changed || st.st_ino != old->st_ino || st.st_size != old->st_size ||
			  st.st_mtim.tv_sec != old->st_mtim.tv_sec ||
			  st.st_mtim.tv_nsec != old->st_mtim.tv_nsec;
		*old = st;
	}
	return changed;
}

bool tls_is_present(void)
{
	return true;
}

int tls_become(char **argv, struct err *err)
{
	(void)argv;
	return err_set(err, "this is ddo-httpd-tls already");
}

int tls_open(const struct conf *conf, struct err *err)
{
	has_changed(conf);
	int r = gnutls_session_ticket_key_generate(&tls.ticket_key);
	return r < 0 ? complain("session tickets", r, err) : load(conf, err);
}

void tls_refresh(const struct conf *conf)
{
	struct err err;
	if (!has_changed(conf))
		return;
	if (load(conf, &err) < 0)
		msg_error("cannot load the new certificate; the old certificate stays in use: %s",
		    err.text);
	else
		msg_info("loaded a new certificate from %s", conf->ssl_cert);
}

void tls_close(void)
{
	while (tls.now != NULL) {
		struct identity *id = tls.now;
		tls.now = id->older;
		free_identity(id);
	}
	gnutls_free(tls.ticket_key.data);
}

/* DirectAdmin connects anew for each push: a ticket saves most of the next handshake.  It also
 * acknowledges the end of this one at once; otherwise a client without TCP_NODELAY waits 40 ms. */
void tls_started(gnutls_session_t session)
{
	(void)gnutls_session_ticket_enable_server(session, &tls.ticket_key);
}

int tls_certificate(gnutls_session_t session, const gnutls_datum_t *names, int nnames,
    const gnutls_pk_algorithm_t *algorithms, int nalgorithms, gnutls_pcert_st **chain,
    unsigned *length, gnutls_privkey_t *key)
{
	(void)session, (void)names, (void)nnames, (void)algorithms, (void)nalgorithms;
	pthread_mutex_lock(&tls.mutex);
	*chain = tls.now->chain;
	*length = tls.now->length;
	*key = tls.now->key;
	pthread_mutex_unlock(&tls.mutex);
	return 0;
}

void tls_send(gnutls_session_t session, const void *data, size_t len)
{
	(void)!gnutls_record_send(session, data, len);
}
