/* peer: the server at the other end of a Unix socket. */
#include "push/files/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"

#define PROC_MAX ((size_t)1 << 20)

int peer_unreachable(const char *daemon, const char *path, struct err *err)
{
	int error = errno;
	struct stat st;
	err_sys(err, "cannot reach %s at %s", daemon, path);
	if (error == ENOENT || error == ECONNREFUSED)
		return err_set(err, "%s; start %s, and let it listen there", err->text, daemon);
	if (error != EACCES || stat(path, &st) < 0)
		return -1;
	const struct group *g = getgrgid(st.st_gid);
	const struct passwd *u = getpwuid(geteuid());
	return g == NULL || u == NULL
		   ? -1
		   : err_set(err, "%s; run usermod -aG %s %s, and restart ddo-queue", err->text,
			 g->gr_name, u->pw_name);
}

static pid_t find(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	struct ucred cred = {0};
	socklen_t len = sizeof(cred);
	if (strlen(path) >= sizeof(sun.sun_path))
		return 0;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	if (connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		cred.pid = 0;
	close(fd);
	return cred.pid;
}

bool peer_read(const char *path, const char *name, struct buf *out)
{
	char file[64];
	struct err err;
	pid_t pid = find(path);
	snprintf(file, sizeof(file), "/proc/%d/%s", (int)pid, name);
	int fd = pid <= 0 ? -1 : open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	int r = file_read_all(fd, out, PROC_MAX, &err);
	close(fd);
	for (char *nul; r == 0 && (nul = memchr(out->data, '\0', out->len)) != NULL;)
		*nul = ' ';
	return r == 0 && out->len > 0;
}

int peer_has_option(const char *path, const char *brief, const char *full)
{
	struct buf line = {0};
	int found = peer_read(path, "cmdline", &line) ? 0 : -1;
	for (const char *at = buf_str(&line); found == 0 && (at = strchr(at, ' ')) != NULL;) {
		at++;
		if (strncmp(at, brief, strlen(brief)) == 0 || strncmp(at, full, strlen(full)) == 0)
			found = 1;
	}
	buf_free(&line);
	return found;
}
