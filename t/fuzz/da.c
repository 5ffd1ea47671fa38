/* da: ddo reads any answer from DirectAdmin.  The first line of the input is the reply's head:
 * status, letters (f framed, s https, u, h), location; the rest is the body. */
#include "fuzz.h"

#include <string.h>

#include "da/answer.h"

#define IPP 3

static void reasoned(enum da_fault f, const struct err *why)
{
	HOLDS(f != DA_CONFIG);
	HOLDS(f == DA_NONE || why->text[0] != '\0');
	HOLDS(strpbrk(why->text, "\n\r\t\x1b") == NULL);
}

static void list(const struct da_reply *r)
{
	struct da_pages all = {0};
	struct err why = {""};
	char normal[NAME_SIZE];
	/* The same page again and again: total_pages may lie. */
	for (uint64_t number = 1; number <= 3; number++) {
		struct da_page p;
		enum da_fault f = da_answer_page(r, number, IPP, &p, &why);
		reasoned(f, &why);
		if (f == DA_NONE) {
			HOLDS(p.count <= p.entries);
			HOLDS(!p.old || (r->framed && number == 1 && p.entries > 0));
			for (size_t i = 0; i < p.count; i++) {
				HOLDS(name_normalize(
					  p.names[i], strlen(p.names[i]), normal, NULL) == 0);
				HOLDS(strcmp(normal, p.names[i]) == 0);
			}
			f = da_pages_add(&all, &p, &why);
			reasoned(f, &why);
		}
		da_page_free(&p);
		if (f != DA_NONE)
			return;
		if (all.count >= all.total)
			break;
	}
	if (all.count < all.total)
		return;
	enum da_fault f = da_pages_end(&all, &why);
	reasoned(f, &why);
	HOLDS(f != DA_NONE || all.entries <= all.first * (size_t)(all.total + 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct da_reply r = {0};
	struct conf_da asked = {.hostname = (char *)"da1.example.com", .port = 2222};
	struct err why = {""};
	json_t *object;
	bool session;
	char head[256] = "";
	const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
	size_t len = end == NULL ? 0 : (size_t)(end - data);
	if (len >= sizeof(head))
		return 0;
	memcpy(head, data, len);
	r.status = strtol(head, NULL, 10) % 1000;
	char *letters = strchr(head, ' '), *location = NULL;
	if (letters != NULL) {
		location = strchr(++letters, ' ');
		if (location != NULL)
			*location++ = '\0';
		r.framed = strchr(letters, 'f') != NULL;
		asked.ssl = strchr(letters, 's') != NULL;
		r.unauthorized = strchr(letters, 'u') != NULL;
		r.use_https = strchr(letters, 'h') != NULL;
	}
	snprintf(r.location, sizeof(r.location), "%s", location == NULL ? "" : location);
	if (end != NULL)
		buf_add(&r.body, end + 1, size - len - 1);
	enum da_fault f = da_answer_check(&r, &asked, &session, &why);
	reasoned(f, &why);
	HOLDS(f != DA_NONE || (r.status == 200 && !r.unauthorized && !r.use_https));
	HOLDS(!session || f == DA_DENIED);
	HOLDS(f != DA_ABSENT);
	if (f == DA_NONE) {
		f = da_answer_zone(&r, "example.com", &why);
		reasoned(f, &why);
		HOLDS(f != DA_NONE || (r.framed && r.body.len > 0));
		reasoned(da_answer_json(&r, &object, &why), &why);
		json_decref(object);
		list(&r);
	}
	buf_free(&r.body);
	return 0;
}
