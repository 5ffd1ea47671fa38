/* name: checks names, and makes file names of them. */
#include "dns/name.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

#define NAME_FILE_KEEP 150 /* of a long name's own characters */
#define NAME_FILE_MOST 200

static bool plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 2317 puts a slash between an address and a prefix length: "0/25". */
static bool slash_fits(const char *in, size_t len, size_t at)
{
	return at > 0 && digit(in[at - 1]) && at + 1 < len && digit(in[at + 1]);
}

static int check(
    const char *what, const char *in, size_t len, const char *extra, char *out, struct err *err)
{
	if (len > 0 && in[len - 1] == '.')
		len--;
	if (len == 0)
		return err_set(err, "%s is empty", what);
	if (len >= NAME_SIZE)
		return err_set(err, "%s is longer than 253 characters", what);
	size_t label = 0;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)in[i];
		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c - 'A' + 'a');
		if (c == '.') {
			if (label == 0)
				return err_set(err, "%s has an empty label", what);
			label = 0;
		} else if (!plain(c) && (c == '\0' || strchr(extra, c) == NULL)) {
			return err_set(err,
			    "%s holds a character that is not allowed, 0x%02x, at %zu", what, c,
			    i + 1);
		} else if (++label > 63) {
			return err_set(err, "%s has a label longer than 63 characters", what);
		} else if (c == '/' && !slash_fits(in, len, i)) {
			return err_set(err, "%s has a '/' that is not between digits", what);
		}
		out[i] = (char)c;
	}
	out[len] = '\0';
	/* The loop checks only labels that a dot ends; here is the last one. */
	return label > 0 ? 0 : err_set(err, "%s has an empty label", what);
}

int name_normalize(const char *in, size_t len, char out[NAME_SIZE], struct err *err)
{
	return check("the zone name", in, len, "/", out, err);
}

int name_normalize_host(const char *in, size_t len, char out[NAME_SIZE], struct err *err)
{
	unsigned char addr[16];
	if (len > 0 && len < INET6_ADDRSTRLEN && memchr(in, ':', len) != NULL) {
		snprintf(out, NAME_SIZE, "%.*s", (int)len, in);
		for (char *p = out; *p != '\0'; p++)
			*p = (char)tolower((unsigned char)*p);
		if (strlen(out) == len && inet_pton(AF_INET6, out, addr) == 1)
			return 0;
	}
	return check("the host name", in, len, "", out, err);
}

int name_check_user(const char *in, size_t len, char out[65], struct err *err)
{
	if (len == 0 || len > 64)
		return err_set(err, "the user name must have 1 to 64 characters");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)in[i];
		if (!isascii(c) || (!isalnum(c) && (c == '\0' || strchr("._@+-", c) == NULL)))
			return err_set(err,
			    "the user name holds a character that is not allowed, 0x%02x, at %zu",
			    c, i + 1);
	}
	memcpy(out, in, len);
	out[len] = '\0';
	return 0;
}

static size_t encode(const char *zone, char *out, size_t most)
{
	size_t n = 0;
	for (; *zone != '\0' && n + 3 <= most; zone++) {
		if (*zone == '/') {
			memcpy(out + n, "%2F", 3);
			n += 3;
		} else {
			out[n++] = *zone;
		}
	}
	out[n] = '\0';
	return n;
}

void name_to_file(const char *zone, char out[NAME_FILE_SIZE])
{
	char encoded[3 * NAME_SIZE];
	size_t len = encode(zone, encoded, sizeof(encoded) - 1);
	if (len <= NAME_FILE_MOST) {
		snprintf(out, NAME_FILE_SIZE, "%.*s.db", (int)len, encoded);
		return;
	}
	/* No zone name has a '~', so a cut name never equals a whole one. */
	char hex[DIGEST_HEX_SIZE];
	digest_sha384(zone, strlen(zone), hex);
	snprintf(out, NAME_FILE_SIZE, "%.*s~%.32s.db", NAME_FILE_KEEP, encoded, hex);
}

const char *name_parent(const char *zone)
{
	const char *dot = strchr(zone, '.');
	return dot == NULL ? NULL : dot + 1;
}
