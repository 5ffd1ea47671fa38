/* names: job numbers as file names, and what a directory of the spool holds. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spool/spool_private.h"

#define DIGITS 16

void spool_name(uint64_t seq, char out[SPOOL_NAME_SIZE])
{
	snprintf(out, SPOOL_NAME_SIZE, "%016" PRIu64, seq);
}

uint64_t spool_number(const char *name)
{
	if (strlen(name) != DIGITS || strspn(name, "0123456789") != DIGITS)
		return 0;
	return strtoull(name, NULL, 10);
}

DIR *spool_list(int dirfd, const char *what, struct err *err)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (d == NULL) {
		err_sys(err, "cannot list %s", what);
		if (fd >= 0)
			close(fd);
	}
	return d;
}

int spool_survey(int dirfd, const char *what, struct spool_listing *out, struct err *err)
{
	DIR *d = spool_list(dirfd, what, err);
	if (d == NULL)
		return -1;
	*out = (struct spool_listing){0};
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		out->count++;
		uint64_t seq = spool_number(e->d_name);
		if (seq != 0 && (out->least == 0 || seq < out->least))
			out->least = seq;
		if (seq > out->greatest)
			out->greatest = seq;
	}
	closedir(d);
	return 0;
}
