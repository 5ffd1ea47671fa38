/* http: one HTTP request to a DirectAdmin. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "da/da_private.h"

#define HEADERS_MAX 262144
#define CONNECT_MAX_S 15

static void take_header(struct da_reply *r, const char *name, const char *value)
{
	if (strcasecmp(name, "Content-Length") == 0)
		r->framed = true;
	else if (strcasecmp(name, "Transfer-Encoding") == 0)
		r->framed = r->framed || strcasecmp(value, "chunked") == 0;
	else if (strcasecmp(name, "X-Use-HTTPS") == 0)
		r->use_https = strcasecmp(value, "yes") == 0;
	else if (strcasecmp(name, "X-DirectAdmin") == 0)
		r->unauthorized = strcasecmp(value, "Unauthorized") == 0;
	else if (strcasecmp(name, "Location") == 0)
		snprintf(r->location, sizeof(r->location), "%s", value);
	else if (strcasecmp(name, "Server") == 0)
		snprintf(r->server, sizeof(r->server), "%s", value);
}

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
	struct da *da = arg;
	char line[1024];
	size_t len = size * count, n = len < sizeof(line) - 1 ? len : sizeof(line) - 1;
	da->header_bytes += len;
	if (da->header_bytes > HEADERS_MAX) {
		da->too_large = true;
		return 0;
	}
	memcpy(line, data, n);
	while (n > 0 && strchr(" \t\r\n", line[n - 1]) != NULL)
		n--;
	line[n] = '\0';
	char *colon = strchr(line, ':');
	if (strncmp(line, "HTTP/", 5) == 0) {
		buf_reset(&da->reply.body);
		da->reply = (struct da_reply){.body = da->reply.body};
	} else if (colon != NULL) {
		*colon = '\0';
		take_header(&da->reply, line, colon + 1 + strspn(colon + 1, " \t"));
	}
	return len;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct da *da = arg;
	size_t len = size * count;
	if (len > da->max - da->reply.body.len) {
		da->too_large = true;
		return 0;
	}
	buf_add(&da->reply.body, data, len);
	return len;
}

/* A pin is the only proof then: who signed the certificate and its name do not matter. */
static void set_proof(struct da *da)
{
	const struct conf_da *s = da->server;
	bool authority = s->verify_ssl && s->pin == NULL;
	curl_easy_setopt(da->curl, CURLOPT_SSL_VERIFYPEER, authority ? 1L : 0L);
	curl_easy_setopt(da->curl, CURLOPT_SSL_VERIFYHOST, authority ? 2L : 0L);
	if (s->pin != NULL)
		curl_easy_setopt(da->curl, CURLOPT_PINNEDPUBLICKEY, s->pin);
	if (s->ca_file != NULL)
		curl_easy_setopt(da->curl, CURLOPT_CAINFO, s->ca_file);
}

int da_http_open(struct da *da, struct err *err)
{
	const struct conf_da *s = da->server;
	long timeout = (long)da->conf->reconcile.timeout_s;
	struct buf to = {0};
	curl_global_init(CURL_GLOBAL_DEFAULT);
	da->curl = curl_easy_init();
	if (da->curl == NULL)
		return da_fail(da, DA_CONFIG, err, "libcurl cannot be used");
	da->headers = curl_slist_append(NULL, "Expect:"); /* do not wait for a 100 */
	curl_easy_setopt(da->curl, CURLOPT_HTTPHEADER, da->headers);
	curl_easy_setopt(da->curl, CURLOPT_USERAGENT, "ddo/" DDO_VERSION);
	curl_easy_setopt(da->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(da->curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(da->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(da->curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(da->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(da->curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
	curl_easy_setopt(da->curl, CURLOPT_USERNAME, s->username);
	curl_easy_setopt(da->curl, CURLOPT_PASSWORD, s->password);
	curl_easy_setopt(da->curl, CURLOPT_COOKIEFILE, ""); /* cookies, in memory only */
	curl_easy_setopt(
	    da->curl, CURLOPT_CONNECTTIMEOUT, timeout < CONNECT_MAX_S ? timeout : CONNECT_MAX_S);
	curl_easy_setopt(da->curl, CURLOPT_TIMEOUT, timeout);
	curl_easy_setopt(da->curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(da->curl, CURLOPT_HEADERDATA, da);
	curl_easy_setopt(da->curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(da->curl, CURLOPT_WRITEDATA, da);
	curl_easy_setopt(da->curl, CURLOPT_ERRORBUFFER, da->words);
	set_proof(da);
	if (s->address != NULL) {
		bool six = strchr(s->address, ':') != NULL;
		buf_addf(&to, "::%s%s%s:", six ? "[" : "", s->address, six ? "]" : "");
		da->connect_to = curl_slist_append(NULL, to.data);
		curl_easy_setopt(da->curl, CURLOPT_CONNECT_TO, da->connect_to);
		buf_free(&to);
	}
	return 0;
}

void da_http_close(struct da *da)
{
	curl_easy_cleanup(da->curl);
	curl_slist_free_all(da->connect_to);
	curl_slist_free_all(da->headers);
	curl_global_cleanup();
}

static enum da_fault curl_fault(const struct da *da, CURLcode code)
{
	switch (code) {
	case CURLE_SSL_CACERT_BADFILE:
		return DA_CONFIG;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
		return DA_TLS;
	case CURLE_UNSUPPORTED_PROTOCOL: /* not HTTP at all */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_WRITE_ERROR:
	case CURLE_FILESIZE_EXCEEDED:
	case CURLE_BAD_CONTENT_ENCODING:
		return da->server->ssl || code == CURLE_WRITE_ERROR ? DA_GARBLED : DA_TLS;
	default:
		return DA_DOWN;
	}
}

int da_http_send(
    struct da *da, const char *path, const struct buf *form, size_t max, struct err *err)
{
	struct buf url = {0};
	buf_addf(&url, "%s%s", da->origin, path);
	curl_easy_setopt(da->curl, CURLOPT_URL, url.data); /* copied */
	buf_free(&url);
	if (form == NULL) {
		curl_easy_setopt(da->curl, CURLOPT_HTTPGET, 1L);
	} else {
		curl_easy_setopt(da->curl, CURLOPT_POST, 1L);
		curl_easy_setopt(da->curl, CURLOPT_POSTFIELDS, buf_str(form));
		curl_easy_setopt(da->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)form->len);
	}
	buf_reset(&da->reply.body);
	da->reply = (struct da_reply){.body = da->reply.body};
	da->header_bytes = 0;
	da->max = max;
	da->too_large = false;
	da->words[0] = '\0';
	CURLcode code = curl_easy_perform(da->curl);
	if (da->too_large)
		return da_fail(da, DA_GARBLED, err, "an answer of more than %zu octets",
		    da->header_bytes > HEADERS_MAX ? (size_t)HEADERS_MAX : max);
	if (code != CURLE_OK) {
		enum da_fault f = curl_fault(da, code);
		return da_fail(da, f, err, "%s%s",
		    da->words[0] != '\0' ? da->words : curl_easy_strerror(code),
		    f == DA_TLS && !da->server->ssl ? " (this is not HTTP: does it need ssl: true?)"
						    : "");
	}
	curl_easy_getinfo(da->curl, CURLINFO_RESPONSE_CODE, &da->reply.status);
	return 0;
}
