/* answers: ddo-queue reads any answers from a push program that it does not trust. */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/msg.h"
#include "target.h"

#define ITEMS 20

static void check(const struct target *t)
{
	size_t answered = 0;
	for (size_t i = 0; i < t->batch.count; i++) {
		const struct item *item = &t->batch.items[i];
		answered += item->outcome != UNANSWERED;
		HOLDS(item->outcome == UNANSWERED || item->outcome == ANSWER_OK ||
		      item->reason != NULL);
		HOLDS(item->reason == NULL || strlen(item->reason) <= 400);
		HOLDS(item->reason == NULL || strpbrk(item->reason, "\n\r\t\x1b") == NULL);
	}
	HOLDS(answered == t->batch.answered);
	HOLDS(t->process.line.len <= 4096 && t->process.noise.len <= 4096);
	HOLDS(!t->batch.gone || t->batch.down[0] != '\0');
	HOLDS(strpbrk(t->batch.down, "\n\r\x1b") == NULL);
}

static void on_line(void *t, char *line)
{
	batch_line(t, line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct item items[ITEMS] = {0};
	struct target t = {
	    .name = (char *)"fuzz", .batch = {.items = items, .count = ITEMS, .patience_ms = 5000}};
	int out[2], errout[2];
	size_t half = size / 2;
	msg_set_level((enum msg_level) - 1);
	if (size > 60000) /* what a pipe holds */
		return 0;
	HOLDS(pipe2(out, O_NONBLOCK) == 0 && pipe2(errout, O_NONBLOCK) == 0);
	t.process.child = (struct child){.pid = -1, .in = -1, .out = out[0], .errout = errout[0]};
	/* In two parts, because a line may be cut anywhere. */
	for (int part = 0; part < 2; part++) {
		const uint8_t *from = part == 0 ? data : data + half;
		size_t len = part == 0 ? half : size - half;
		HOLDS(file_write_all(out[1], from, len) == 0);
		HOLDS(file_write_all(errout[1], from, len) == 0);
		if (part == 1) {
			close(out[1]);
			close(errout[1]);
		}
		process_read(&t.process, t.name, on_line, &t);
		process_read(&t.process, t.name, on_line, &t);
		check(&t);
	}
	HOLDS(t.process.child.out == -1 && t.process.child.errout == -1);
	process_free(&t.process);
	for (size_t i = 0; i < ITEMS; i++)
		free(items[i].reason);
	return 0;
}
