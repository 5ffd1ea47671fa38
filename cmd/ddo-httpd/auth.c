/* auth: checks Authorization against the configured logins. */
#include "auth.h"

#include <crypt.h>
#include <nettle/base64.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"

#define AUTH_MAX_HEADER 2048

struct login {
	const struct conf_login *conf;
	char user[DIGEST_HEX_SIZE];
	char password[DIGEST_HEX_SIZE]; /* the plain one's, or the last good one's; "": none yet */
	const char *hash;               /* NULL: the password is plain */
};

struct auth {
	unsigned char salt[32];
	size_t count;
	struct login *logins;
	pthread_mutex_t mutex; /* guards passwords */
	pthread_mutex_t crypt; /* held while a hash is computed */
};

static void digest(const struct auth *a, const char *s, size_t len, char out[DIGEST_HEX_SIZE])
{
	struct buf b = {0};
	buf_add(&b, a->salt, sizeof(a->salt));
	buf_add(&b, s, len);
	digest_sha384(b.data, b.len, out);
	explicit_bzero(b.data, b.len);
	buf_free(&b);
}

static bool same(const char a[DIGEST_HEX_SIZE], const char b[DIGEST_HEX_SIZE])
{
	unsigned differ = 0;
	for (size_t i = 0; i < DIGEST_HEX_SIZE; i++)
		differ |= (unsigned)(a[i] ^ b[i]);
	return differ == 0;
}

static void open_login(const struct auth *a, struct login *l, const struct conf_login *conf)
{
	l->conf = conf;
	digest(a, conf->username, strlen(conf->username), l->user);
	if (conf_is_hash(conf->password))
		l->hash = conf->password;
	else
		digest(a, conf->password, strlen(conf->password), l->password);
}

int auth_open(struct auth **out, const struct conf *conf, struct err *err)
{
	unsigned char salt[32];
	if (getrandom(salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
		return err_sys(err, "cannot get random bytes");
	struct auth *a = mem_alloc(sizeof(*a));
	memcpy(a->salt, salt, sizeof(salt));
	pthread_mutex_init(&a->mutex, NULL);
	pthread_mutex_init(&a->crypt, NULL);
	a->logins = mem_alloc((conf->nlogins + 1) * sizeof(*a->logins));
	for (; a->count < conf->nlogins; a->count++)
		open_login(a, &a->logins[a->count], &conf->logins[a->count]);
	*out = a;
	return 0;
}

void auth_close(struct auth *a)
{
	if (a == NULL)
		return;
	pthread_mutex_destroy(&a->mutex);
	pthread_mutex_destroy(&a->crypt);
	explicit_bzero(a->logins, a->count * sizeof(*a->logins));
	free(a->logins);
	explicit_bzero(a, sizeof(*a));
	free(a);
}

/* The decoded bytes of `in`, for free(); NULL: not base64.  Padding may be missing. */
static char *base64_decode(const char *in, size_t *len)
{
	struct base64_decode_ctx ctx;
	size_t digits = strlen(in);
	while (digits > 0 && in[digits - 1] == '=')
		digits--;
	/* Nettle skips white space. */
	if (digits % 4 == 1 || strcspn(in, " \t\r\n\f\v") < digits)
		return NULL;
	char *out = mem_alloc(BASE64_DECODE_LENGTH(digits) + 1);
	*len = BASE64_DECODE_LENGTH(digits) + 1;
	base64_decode_init(&ctx);
	if (base64_decode_update(&ctx, len, (uint8_t *)out, digits, in))
		return out;
	free(out);
	return NULL;
}

/* A hash is slow on purpose, so all threads together use one processor for it.  A thread that has
 * waited first looks whether the one before it has found the same password good. */
static bool hash_fits(
    struct auth *a, const struct login *l, const char *password, const char *digested)
{
	struct crypt_data *data = mem_alloc(sizeof(*data));
	pthread_mutex_lock(&a->crypt);
	pthread_mutex_lock(&a->mutex);
	bool fits = same(digested, l->password);
	pthread_mutex_unlock(&a->mutex);
	if (!fits) {
		const char *got = crypt_r(password, l->hash, data);
		char want_digest[DIGEST_HEX_SIZE], got_digest[DIGEST_HEX_SIZE];
		digest(a, l->hash, strlen(l->hash), want_digest);
		digest(a, got == NULL ? "" : got, got == NULL ? 0 : strlen(got), got_digest);
		fits = same(want_digest, got_digest);
	}
	pthread_mutex_unlock(&a->crypt);
	explicit_bzero(data, sizeof(*data));
	free(data);
	return fits;
}

static enum auth_found password_fits(struct auth *a, struct login *l, const struct login *slow,
    bool hash, const char *password, size_t len)
{
	char digested[DIGEST_HEX_SIZE];
	digest(a, password, len, digested);
	pthread_mutex_lock(&a->mutex);
	bool fits = same(digested, l->password);
	pthread_mutex_unlock(&a->mutex);
	/* crypt(3) would stop at a NUL and accept what is another password. */
	if (fits || slow == NULL || memchr(password, '\0', len) != NULL)
		return fits ? AUTH_GOOD : AUTH_BAD;
	if (!hash)
		return AUTH_UNSURE;
	if (!hash_fits(a, slow, password, digested) || slow != l)
		return AUTH_BAD;
	pthread_mutex_lock(&a->mutex);
	memcpy(l->password, digested, sizeof(l->password));
	pthread_mutex_unlock(&a->mutex);
	return AUTH_GOOD;
}

struct attempt {
	const char *name, *password;
	size_t name_len, len;
};

/* The time that this takes must not tell which names exist.  So it compares all names and tries a
 * password for a wrong name too.  If any password is a hash, every failure costs a hash. */
static enum auth_found find(
    struct auth *a, const struct attempt *t, bool hash, const struct conf_login **login)
{
	char digested[DIGEST_HEX_SIZE];
	struct login *l = NULL;
	const struct login *slow = NULL;
	digest(a, t->name, t->name_len, digested);
	for (size_t i = 0; i < a->count; i++) {
		l = same(digested, a->logins[i].user) ? &a->logins[i] : l;
		slow = slow == NULL && a->logins[i].hash != NULL ? &a->logins[i] : slow;
	}
	bool known = l != NULL;
	if (!known)
		l = slow != NULL ? (struct login *)slow : &a->logins[0];
	enum auth_found found =
	    password_fits(a, l, l->hash != NULL ? l : slow, hash, t->password, t->len);
	*login = known ? l->conf : NULL;
	return known || found != AUTH_GOOD ? found : AUTH_BAD;
}

enum auth_found auth_check(struct auth *a, const char *header, bool hash,
    const struct conf_login **login, char name[AUTH_NAME_SIZE])
{
	enum auth_found found = AUTH_BAD;
	*login = NULL;
	err_word("", 0, name, AUTH_NAME_SIZE);
	if (header == NULL || strlen(header) > AUTH_MAX_HEADER ||
	    strncasecmp(header, "Basic ", 6) != 0)
		return AUTH_BAD;
	header += 6 + strspn(header + 6, " ");
	size_t len;
	char *text = base64_decode(header, &len);
	if (text == NULL)
		return AUTH_BAD;
	const char *colon = memchr(text, ':', len);
	if (colon != NULL) {
		size_t name_len = (size_t)(colon - text);
		err_word(text, name_len, name, AUTH_NAME_SIZE);
		const char *bar = memchr(text, '|', name_len);
		const struct attempt t = {.name = text,
		    .name_len = bar == NULL ? name_len : (size_t)(bar - text),
		    .password = colon + 1,
		    .len = len - name_len - 1};
		found = find(a, &t, hash, login);
	}
	explicit_bzero(text, len);
	free(text);
	return found;
}
