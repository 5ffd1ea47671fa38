/* fuzz: what the fuzz targets share.  Each is a program of libFuzzer's: `make fuzz` builds them
 * with clang and its sanitizers and runs each for a while, beginning with t/fuzz/corpus/NAME. */
#ifndef DDO_FUZZ_H
#define DDO_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input is. */
#define HOLDS(condition) \
	do { \
		if (!(condition)) { \
			fprintf( \
			    stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

#endif
