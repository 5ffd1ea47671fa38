/* answer: answers in DirectAdmin's form, and as the bytes of HTTP. */
#include "answer.h"

#include "base/url.h"

static const char *reason(unsigned status)
{
	switch (status) {
	case 200:
		return "OK";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 408:
		return "Request Timeout";
	case 411:
		return "Length Required";
	case 413:
		return "Content Too Large";
	case 414:
		return "URI Too Long";
	case 429:
		return "Too Many Requests";
	case 431:
		return "Request Header Fields Too Large";
	case 503:
		return "Service Unavailable";
	default:
		return "Bad Request";
	}
}

void answer_ok(struct answer *out, const char *body)
{
	*out = (struct answer){.status = 200};
	buf_adds(&out->body, body);
}

void answer_fail(struct answer *out, unsigned status, const char *text, const char *details)
{
	*out = (struct answer){.status = status};
	if (status == 401) {
		out->header = "WWW-Authenticate";
		out->value = "Basic realm=\"ddo\"";
	} else if (status == 405) {
		out->header = "Allow";
		out->value = ANSWER_METHODS;
	} else if (status == 503) {
		out->header = "Retry-After";
		out->value = "30";
	}
	buf_adds(&out->body, "error=1&text=");
	url_encode(&out->body, text);
	buf_adds(&out->body, "&details=");
	url_encode(&out->body, details);
}

void answer_render(
    const struct answer *a, const char *prefix, bool close, bool head, struct buf *out)
{
	buf_addf(out, "%s%u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n", prefix, a->status,
	    reason(a->status), a->type == NULL ? "text/plain" : a->type, a->body.len);
	if (a->header != NULL)
		buf_addf(out, "%s: %s\r\n", a->header, a->value);
	buf_adds(out, close ? "Connection: close\r\n\r\n" : "\r\n");
	if (!head)
		buf_add(out, a->body.data, a->body.len);
}
