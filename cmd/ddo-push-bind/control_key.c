/* control_key: reads an rndc.key and signs messages to named with it. */
#include "control_key.h"

#include <fcntl.h>
#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "words.h"

#define KEY_FILE_MAX 65536

static int set_algorithm(struct control_key *key, const struct word *word)
{
	static const struct {
		const char *name;
		uint8_t number; /* libisccc's */
		const struct nettle_hash *hash;
	} known[] = {{"hmac-sha1", 161, &nettle_sha1}, {"hmac-sha224", 162, &nettle_sha224},
	    {"hmac-sha256", 163, &nettle_sha256}, {"hmac-sha384", 164, &nettle_sha384},
	    {"hmac-sha512", 165, &nettle_sha512}};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (word->len != strlen(known[i].name) ||
		    strncasecmp(word->text, known[i].name, word->len) != 0)
			continue;
		key->number = known[i].number;
		key->hash = known[i].hash;
		return 0;
	}
	return -1;
}

static void forget_secret(struct control_key *key)
{
	if (key->secret.data != NULL)
		explicit_bzero(key->secret.data, key->secret.cap);
	buf_free(&key->secret);
}

static int set_secret(struct control_key *key, const struct word *word)
{
	struct base64_decode_ctx ctx;
	forget_secret(key);
	buf_reserve(&key->secret, BASE64_DECODE_LENGTH(word->len));
	base64_decode_init(&ctx);
	if (!base64_decode_update(
		&ctx, &key->secret.len, (uint8_t *)key->secret.data, word->len, word->text) ||
	    !base64_decode_final(&ctx))
		return -1;
	return key->secret.len > 0 ? 0 : -1;
}

/* key NAME { algorithm WORD; secret WORD; }; */
static int parse(struct control_key *key, struct words *w, const char *file, struct err *err)
{
	struct word word, value;
	int depth = 0;
	while (words_next(w, &word) > 0) {
		if (word_is(&word, "key") && depth == 0) {
			if (words_next(w, &word) <= 0 || words_next(w, &word) <= 0 ||
			    !word_is(&word, "{"))
				return err_set(err, "key_file: %s: a key without a body", file);
			depth = 1;
		} else if (depth == 1 && word_is(&word, "}")) {
			break;
		} else if (depth == 1 && word_is(&word, "algorithm")) {
			if (words_next(w, &value) <= 0 || set_algorithm(key, &value) < 0)
				return err_set(err,
				    "key_file: %s: the algorithm must be one of hmac-sha1 to "
				    "hmac-sha512",
				    file);
		} else if (depth == 1 && word_is(&word, "secret")) {
			if (words_next(w, &value) <= 0 || set_secret(key, &value) < 0)
				return err_set(
				    err, "key_file: %s: the secret is not valid base64", file);
		}
	}
	if (key->number == 0 || key->secret.len == 0)
		return err_set(err, "key_file: %s holds no key with algorithm and secret", file);
	return 0;
}

int control_key_read(struct control_key *key, const char *file, struct err *err)
{
	struct buf text = {0};
	struct err why;
	*key = (struct control_key){0};
	if (file_read(AT_FDCWD, file, &text, KEY_FILE_MAX, &why) < 0) {
		buf_free(&text);
		return err_set(err, "key_file: %s", why.text);
	}
	struct words w = {buf_str(&text), buf_str(&text) + text.len};
	int r = parse(key, &w, file, err);
	explicit_bzero(text.data, text.len);
	buf_free(&text);
	if (r < 0)
		control_key_free(key);
	return r;
}

void control_key_free(struct control_key *key)
{
	forget_secret(key);
	*key = (struct control_key){0};
}

void control_key_mac(
    const struct control_key *key, const void *data, size_t len, char out[CONTROL_MAC_SIZE])
{
	struct sha512_ctx outer, inner, state; /* the largest of their contexts */
	uint8_t mac[SHA512_DIGEST_SIZE];
	hmac_set_key(
	    &outer, &inner, &state, key->hash, key->secret.len, (const uint8_t *)key->secret.data);
	hmac_update(&state, key->hash, len, data);
	hmac_digest(&outer, &inner, &state, key->hash, key->hash->digest_size, mac);
	explicit_bzero(&outer, sizeof(outer));
	explicit_bzero(&inner, sizeof(inner));
	explicit_bzero(&state, sizeof(state));
	memset(out, 0, CONTROL_MAC_SIZE);
	base64_encode_raw(out, key->hash->digest_size, mac);
}
