/* url: the urlencoded decoder.  What it decodes comes back when it is encoded and decoded again. */
#include "fuzz.h"

#include <string.h>

#include "base/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct url_form form, again;
	struct buf encoded = {0};
	struct err err = {""};
	char *text = malloc(size + 1); /* to the octet, so that the sanitizer sees one too many */
	memcpy(text, data, size);
	text[size] = '\0';
	(void)url_is_form(text, size);
	if (url_parse(&form, text, size, &err) == 0) {
		HOLDS(form.count <= URL_MAX_PAIRS);
		for (size_t i = 0; i < form.count; i++) {
			const struct url_pair *p = &form.pairs[i];
			HOLDS(p->value[p->value_len] == '\0');
			if (memchr(p->value, '\0', p->value_len) != NULL)
				continue;
			buf_reset(&encoded);
			buf_adds(&encoded, "x=");
			url_encode(&encoded, p->value);
			HOLDS(url_parse(&again, encoded.data, encoded.len, &err) == 0);
			HOLDS(again.count == 1 && again.pairs[0].value_len == p->value_len);
			HOLDS(memcmp(again.pairs[0].value, p->value, p->value_len) == 0);
			url_free(&again);
		}
		url_free(&form);
	} else {
		HOLDS(err.text[0] != '\0');
	}
	buf_free(&encoded);
	free(text);
	return 0;
}
