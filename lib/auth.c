#include "auth.h"

#include <crypt.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "buf.h"
#include "digest.h"
#include "mem.h"

#define AUTH_MAX_HEADER 2048

struct login {
	const struct conf_login *conf;
	char user[DIGEST_HEX_SIZE];
	char password[DIGEST_HEX_SIZE]; /* of a plain one; of the last good one; "" before */
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

bool auth_is_hash(const char *password)
{
	if (password[0] != '$')
		return false;
	int r = crypt_checksalt(password);
	return r != CRYPT_SALT_INVALID && r != CRYPT_SALT_METHOD_DISABLED;
}

static void open_login(const struct auth *a, struct login *l, const struct conf_login *conf)
{
	l->conf = conf;
	digest(a, conf->username, strlen(conf->username), l->user);
	if (auth_is_hash(conf->password))
		l->hash = conf->password;
	else
		digest(a, conf->password, strlen(conf->password), l->password);
}

int auth_open(struct auth **out, const struct conf *conf, struct err *err)
{
	unsigned char salt[32];
	if (getrandom(salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
		return err_sys(err, "getrandom");
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

static int base64_value(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c == '\0' ? NULL : strchr(digits, c);
	return p == NULL ? -1 : (int)(p - digits);
}

/* The decoded bytes of `in`, for free(); NULL when it is no base64.  Padding may be missing. */
static char *base64_decode(const char *in, size_t *len)
{
	size_t n = 0, digits = strlen(in);
	uint32_t bits = 0;
	while (digits > 0 && in[digits - 1] == '=')
		digits--;
	if (digits % 4 == 1)
		return NULL;
	char *out = mem_alloc(digits + 1);
	for (size_t i = 0; i < digits; i++) {
		int value = base64_value(in[i]);
		if (value < 0) {
			free(out);
			return NULL;
		}
		bits = bits << 6 | (uint32_t)value;
		if (i % 4 != 0)
			out[n++] = (char)(bits >> (6 - 2 * (i % 4)) & 0xff);
	}
	*len = n;
	return out;
}

/* Slow on purpose, so never more than one processor's worth of it.  Whoever waited looks first
 * whether the one before has found the password to be good. */
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

static bool password_fits(
    struct auth *a, struct login *l, const struct login *slow, const char *password, size_t len)
{
	char digested[DIGEST_HEX_SIZE];
	digest(a, password, len, digested);
	pthread_mutex_lock(&a->mutex);
	bool fits = same(digested, l->password);
	pthread_mutex_unlock(&a->mutex);
	/* crypt(3) ends at a NUL, so what holds one is another password. */
	if (fits || slow == NULL || memchr(password, '\0', len) != NULL)
		return fits;
	if (!hash_fits(a, slow, password, digested) || slow != l)
		return false;
	pthread_mutex_lock(&a->mutex);
	memcpy(l->password, digested, sizeof(l->password));
	pthread_mutex_unlock(&a->mutex);
	return true;
}

/* How long it takes must not tell which names there are.  All are compared; a wrong name is tried
 * with a password like any other; and as soon as one password is a hash, whatever is wrong costs a
 * hash. */
static const struct conf_login *find(
    struct auth *a, const char *name, size_t name_len, const char *password, size_t len)
{
	char digested[DIGEST_HEX_SIZE];
	struct login *l = NULL;
	const struct login *slow = NULL;
	digest(a, name, name_len, digested);
	for (size_t i = 0; i < a->count; i++) {
		l = same(digested, a->logins[i].user) ? &a->logins[i] : l;
		slow = slow == NULL && a->logins[i].hash != NULL ? &a->logins[i] : slow;
	}
	bool known = l != NULL;
	if (!known)
		l = slow != NULL ? (struct login *)slow : &a->logins[0];
	bool fits = password_fits(a, l, l->hash != NULL ? l : slow, password, len);
	return known && fits ? l->conf : NULL;
}

const struct conf_login *auth_check(struct auth *a, const char *header, char name[AUTH_NAME_SIZE])
{
	const struct conf_login *found = NULL;
	err_word("", 0, name, AUTH_NAME_SIZE);
	if (header == NULL || strlen(header) > AUTH_MAX_HEADER ||
	    strncasecmp(header, "Basic ", 6) != 0)
		return NULL;
	header += 6 + strspn(header + 6, " ");
	size_t len;
	char *text = base64_decode(header, &len);
	if (text == NULL)
		return NULL;
	const char *colon = memchr(text, ':', len);
	if (colon != NULL) {
		size_t name_len = (size_t)(colon - text);
		err_word(text, name_len, name, AUTH_NAME_SIZE);
		const char *bar = memchr(text, '|', name_len);
		found = find(a, text, bar == NULL ? name_len : (size_t)(bar - text), colon + 1,
		    len - name_len - 1);
	}
	explicit_bzero(text, len);
	free(text);
	return found;
}
