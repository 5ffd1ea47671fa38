/* name_check zone|host|user < octets: prints the normal form, or exits 65 with the reason.
 * name_check files < names: prints the file name for each line. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/msg.h"
#include "dns/name.h"

static void print_files(const struct buf *in)
{
	char file[NAME_FILE_SIZE];
	for (char *line = in->data, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		name_to_file(line, file);
		puts(file);
	}
}

int main(int argc, char **argv)
{
	struct buf in = {0};
	struct err err;
	char out[NAME_SIZE];
	int r = -1;
	msg_init("name_check");
	const char *what = argc == 2 ? argv[1] : "";
	if (file_read_all(STDIN_FILENO, &in, (size_t)1 << 24, &err) < 0)
		die_noinput("%s", err.text);
	if (strcmp(what, "files") == 0) {
		print_files(&in);
		buf_free(&in);
		return 0;
	}
	if (strcmp(what, "zone") == 0)
		r = name_normalize(in.data, in.len, out, &err);
	else if (strcmp(what, "host") == 0)
		r = name_normalize_host(in.data, in.len, out, &err);
	else if (strcmp(what, "user") == 0)
		r = name_check_user(in.data, in.len, out, &err);
	else
		die_usage("usage: name_check zone|host|user|files");
	buf_free(&in);
	if (r < 0)
		die_data("%s", err.text);
	puts(out);
	return 0;
}
