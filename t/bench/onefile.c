/* onefile: the program that ddo-httpd is measured against.
 *
 * onefile DIR reads one push, as a CGI program or from the socket that is its stdin.  It writes the
 * body to a file of its own in DIR, syncs it, and answers. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

/* Reads up to the end of the headers, and `length` bytes more. */
static void read_request(struct buf *in)
{
	const char *end, *length = getenv("CONTENT_LENGTH");
	size_t want = 0;
	for (;;) {
		end = getenv("GATEWAY_INTERFACE") != NULL ? buf_str(in)
							  : strstr(buf_str(in), "\r\n\r\n");
		if (end != NULL && length == NULL)
			length = strcasestr(in->data, "content-length:");
		if (end != NULL && length != NULL) {
			length += strcspn(length, "0123456789");
			want = (size_t)(end - in->data) + (end == in->data ? 0 : 4) +
			       strtoul(length, NULL, 10);
			if (in->len >= want)
				return;
			length = getenv("CONTENT_LENGTH");
		}
		buf_reserve(in, 65536);
		ssize_t n = read(STDIN_FILENO, in->data + in->len, 65536);
		if (n <= 0)
			exit(1);
		in->len += (size_t)n;
		in->data[in->len] = '\0';
	}
}

int main(int argc, char **argv)
{
	char path[4096];
	struct buf in = {0};
	if (argc != 2 && getenv("ONEFILE_DIR") == NULL)
		return 64;
	read_request(&in);
	snprintf(path, sizeof(path), "%s/%d", argc == 2 ? argv[1] : getenv("ONEFILE_DIR"),
	    (int)getpid());
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0 || write(fd, in.data, in.len) != (ssize_t)in.len || fsync(fd) < 0 ||
	    close(fd) < 0)
		return 1;
	printf("%s\r\nContent-Type: text/plain\r\nContent-Length: 7\r\nConnection: "
	       "close\r\n\r\nerror=0",
	    getenv("GATEWAY_INTERFACE") != NULL ? "Status: 200 OK" : "HTTP/1.1 200 OK");
	return 0;
}
