/* batch: a push program reads any input as the push protocol.  Items are always checked zones with
 * distinct, normal names, and each answer is one line. */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/msg.h"
#include "push/push_private.h"

static int apply(void *ctx, struct push_item *items, size_t count, struct err *err)
{
	unsigned *calls = ctx;
	for (size_t i = 0; i < count; i++) {
		char name[NAME_SIZE];
		HOLDS(name_normalize(items[i].name, strlen(items[i].name), name, err) == 0);
		HOLDS(strcmp(name, items[i].name) == 0);
		HOLDS(items[i].zone == NULL || strcmp(items[i].zone->name, name) == 0);
		for (size_t k = 0; k < i; k++)
			HOLDS(strcmp(items[k].name, name) != 0);
		items[i].result = (enum push_result)((i + *calls) % 4);
		err_set(&items[i].reason, "because");
	}
	return ++*calls % 5 == 0 ? err_set(err, "gone") : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct push_kind kind = {.program = "fuzz", .apply = apply};
	const struct conf conf = {.max_records = 100, .max_zone = 16384};
	static int in = -1;
	unsigned calls = 0;
	char *answers = NULL;
	size_t len = 0;
	if (in < 0) {
		in = memfd_create("batch", 0);
		HOLDS(freopen("/dev/null", "w", stdout) != NULL);
		msg_set_level((enum msg_level) - 1); /* only failures are shown */
	}
	HOLDS(ftruncate(in, 0) == 0 && lseek(in, 0, SEEK_SET) == 0);
	HOLDS(file_write_all(in, data, size) == 0 && lseek(in, 0, SEEK_SET) == 0);
	FILE *out = open_memstream(&answers, &len);
	int code = push_batch(&kind, &calls, &conf, in, out);
	HOLDS(fclose(out) == 0);
	HOLDS(code == 0 || code == 64 || code == 69);
	for (const char *line = answers, *end; line < answers + len; line = end + 1) {
		end = memchr(line, '\n', (size_t)(answers + len - line));
		HOLDS(end != NULL);
		HOLDS(strncmp(line, "ok ", 3) == 0 || strncmp(line, "fail ", 5) == 0 ||
		      strncmp(line, "defer ", 6) == 0 || strncmp(line, "down ", 5) == 0);
	}
	free(answers);
	return 0;
}
