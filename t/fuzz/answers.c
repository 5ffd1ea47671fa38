/* answers: the push protocol as ddo-queue reads it, from a push program that it does not trust. */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "msg.h"
#include "queue.h"

#define ITEMS 20

/* Of target.c only the end of a batch is called: it needs a store. */
static unsigned ended;
void target_batch_end(struct queue *q, struct target *t, const char *trouble)
{
	(void)q, (void)t, (void)trouble;
	ended++;
}

static void check(const struct target *t)
{
	size_t answered = 0;
	for (size_t i = 0; i < t->count; i++) {
		const struct item *item = &t->items[i];
		answered += item->outcome != UNANSWERED;
		HOLDS(item->outcome == UNANSWERED || item->outcome == ANSWER_OK ||
		      item->reason != NULL);
		HOLDS(item->reason == NULL || strlen(item->reason) <= 400);
		HOLDS(item->reason == NULL || strpbrk(item->reason, "\n\r\t\x1b") == NULL);
	}
	HOLDS(answered == t->answered);
	HOLDS(t->line.len <= 4096 && t->noise.len <= 4096);
	HOLDS(t->said_down == (t->down_reason[0] != '\0'));
	HOLDS(strpbrk(t->down_reason, "\n\r\x1b") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_target conf = {.timeout_s = 5};
	struct item items[ITEMS] = {0};
	struct target t = {.name = (char *)"fuzz",
	    .conf = &conf,
	    .activity = BATCH,
	    .items = items,
	    .count = ITEMS};
	struct queue q = {0};
	int out[2], errout[2];
	size_t half = size / 2;
	msg_set_level((enum msg_level) - 1);
	if (size > 60000) /* what a pipe holds */
		return 0;
	HOLDS(pipe2(out, O_NONBLOCK) == 0 && pipe2(errout, O_NONBLOCK) == 0);
	t.child = (struct child){.pid = -1, .in = -1, .out = out[0], .errout = errout[0]};
	/* In two parts: a line may be cut anywhere. */
	for (int part = 0; part < 2; part++) {
		const uint8_t *from = part == 0 ? data : data + half;
		size_t len = part == 0 ? half : size - half;
		HOLDS(file_write_all(out[1], from, len) == 0);
		HOLDS(file_write_all(errout[1], from, len) == 0);
		if (part == 1) {
			close(out[1]);
			close(errout[1]);
		}
		feed_read(&q, &t);
		feed_read(&q, &t);
		check(&t);
	}
	HOLDS(t.child.out == -1 && t.child.errout == -1);
	HOLDS((ended > 0) == (t.answered == t.count || t.said_down));
	ended = 0;
	feed_noise_end(&t);
	buf_free(&t.line);
	for (size_t i = 0; i < ITEMS; i++)
		free(items[i].reason);
	return 0;
}
