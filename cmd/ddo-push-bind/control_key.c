/* control_key: reads the key of named's control channel, and computes HMACs with it. */
#include "control_key.h"

#include <fcntl.h>
#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "words.h"

#define KEY_FILE_MAX 65536

static int set_algorithm(struct control_key *key, const struct word *word)
{
	static const struct {
		const char *name;
		uint8_t number; /* libisccc's */
	} known[] = {{"hmac-sha1", 161}, {"hmac-sha224", 162}, {"hmac-sha256", 163},
	    {"hmac-sha384", 164}, {"hmac-sha512", 165}};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (word->len != strlen(known[i].name) ||
		    strncasecmp(word->text, known[i].name, word->len) != 0)
			continue;
		key->number = known[i].number;
		key->algorithm = dnssec_tsig_algorithm_from_name(known[i].name);
		return 0;
	}
	return -1;
}

static void forget_secret(struct control_key *key)
{
	if (key->secret.data != NULL)
		explicit_bzero(key->secret.data, key->secret.size);
	free(key->secret.data);
	key->secret = (dnssec_binary_t){0};
}

static int set_secret(struct control_key *key, const struct word *word)
{
	struct base64_decode_ctx ctx;
	size_t size = BASE64_DECODE_LENGTH(word->len);
	forget_secret(key);
	key->secret = (dnssec_binary_t){.size = size, .data = mem_alloc(size + 1)};
	base64_decode_init(&ctx);
	if (base64_decode_update(&ctx, &size, key->secret.data, word->len, word->text) == 0 ||
	    base64_decode_final(&ctx) == 0)
		return -1;
	key->secret.size = size;
	return size > 0 ? 0 : -1;
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
	if (key->number == 0 || key->secret.size == 0)
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

int control_key_mac(const struct control_key *key, const void *data, size_t len,
    char out[CONTROL_MAC_SIZE], struct err *err)
{
	uint8_t mac[64];
	dnssec_tsig_ctx_t *ctx = NULL;
	dnssec_binary_t all = {.size = len, .data = (uint8_t *)(uintptr_t)data};
	int r = dnssec_tsig_new(&ctx, key->algorithm, &key->secret);
	if (r == 0)
		r = dnssec_tsig_add(ctx, &all);
	size_t size = r == 0 ? dnssec_tsig_size(ctx) : 0;
	if (r == 0 && size <= sizeof(mac))
		r = dnssec_tsig_write(ctx, mac);
	dnssec_tsig_free(ctx);
	if (r != 0 || size > sizeof(mac))
		return err_set(err, "the crypto library cannot compute an HMAC");
	memset(out, 0, CONTROL_MAC_SIZE);
	base64_encode_raw(out, size, mac);
	return 0;
}
