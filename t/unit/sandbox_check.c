/* sandbox_check DIR: enters the sandbox with DIR as the only writable path, then tries what must
 * fail and what must succeed, and prints "WHAT: allowed" or "WHAT: ERROR" for each. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/msg.h"
#include "sandbox.h"

static void report(const char *what, int r)
{
	printf("%s: %s\n", what, r >= 0 ? "allowed" : strerrorname_np(errno));
}

static void try_open(const char *what, const char *path, int flags)
{
	int fd = open(path, flags, 0600);
	report(what, fd);
	if (fd >= 0)
		close(fd);
}

static void try_network(int connected)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(9)};
	struct sockaddr any = {.sa_family = AF_UNSPEC};
	inet_pton(AF_INET, "127.0.0.1", &in.sin_addr);
	report("socket", socket(AF_INET, SOCK_STREAM, 0));
	report("unix socket", socket(AF_UNIX, SOCK_STREAM, 0));
	/* A process could dissolve a connected socket and connect it elsewhere. */
	report("dissolve", connect(connected, &any, sizeof(any)));
	report("connect", connect(connected, (struct sockaddr *)&in, sizeof(in)));
	report("bind", bind(connected, (struct sockaddr *)&in, sizeof(in)));
	report("listen", listen(connected, 1));
}

static void *thread(void *path)
{
	try_open("read shadow in a thread", path, O_RDONLY);
	return NULL;
}

static void try_files(const char *dir)
{
	char path[4096], other[4096], sub[4096];
	static char shadow[] = "/etc/shadow";
	pthread_t t;
	try_open("read shadow", shadow, O_RDONLY);
	try_open("read passwd", "/etc/passwd", O_RDONLY);
	try_open("list root", "/", O_RDONLY | O_DIRECTORY);
	try_open("write tmp", "/tmp/ddo-sandbox-check", O_WRONLY | O_CREAT);
	if (pthread_create(&t, NULL, thread, shadow) == 0)
		pthread_join(t, NULL);
	snprintf(path, sizeof(path), "%s/tmp/file", dir);
	snprintf(other, sizeof(other), "%s/new/file", dir);
	snprintf(sub, sizeof(sub), "%s/../outside", dir);
	try_open("write inside", path, O_WRONLY | O_CREAT);
	report("rename inside", rename(path, other));
	try_open("read inside", other, O_RDONLY);
	report("rename outside", rename(other, sub));
	report("symlink inside", symlink("/etc/shadow", path));
	report("chmod inside", chmod(other, 0640));
	report("unlink inside", unlink(other));
	try_open("write beside", sub, O_WRONLY | O_CREAT);
}

int main(int argc, char **argv)
{
	int pair[2];
	struct err what;
	msg_init("sandbox_check");
	if (argc != 2)
		die_usage("usage: sandbox_check DIR");
	int connected = socket(AF_INET, SOCK_STREAM, 0);
	if (connected < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		die_system("socket");
	const struct sandbox_path paths[] = {{argv[1], true}, {"/no/such/place", false}};
	if (sandbox_enter(paths, 2, &what) < 0)
		die_system("%s", what.text);
	puts(what.text);
	try_files(argv[1]);
	try_network(connected);
	report("send", (int)write(pair[0], "x", 1));
	report("ptrace", (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	char *const args[] = {(char *)"true", NULL};
	report("exec", execv("/bin/true", args)); /* last: if it succeeds, nothing follows */
	puts("end");
	_exit(fflush(stdout) == 0 ? 0 : 1); /* no leak check: it needs what the sandbox took */
}
