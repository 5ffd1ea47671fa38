/* master: the reader of master files.  Whatever comes in, what it hands on is whole lines without
 * odd octets, in the order of the text. */
#include "fuzz.h"

#include <string.h>

#include "dns/master.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct master m;
	struct buf line = {0};
	struct err err = {""};
	uint64_t number = 0, last = 0;
	int r;
	if (memchr(data, '\0', size) != NULL)
		return 0;
	master_open(&m, "odd.example", (const char *)data, size);
	while ((r = master_next(&m, &line, &number, &err)) > 0) {
		HOLDS(line.len > 1 && line.data[line.len - 1] == '\n');
		HOLDS(memchr(line.data, '\n', line.len) == line.data + line.len - 1);
		HOLDS(strlen(line.data) == line.len);
		HOLDS(number >= last);
		last = number;
	}
	HOLDS(r == 0 || err.text[0] != '\0');
	master_close(&m);
	buf_free(&line);
	return 0;
}
