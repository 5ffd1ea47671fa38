/* old: opens files for reading only, lists directories, asks BIND's tools. */
#include "old.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/mem.h"

#define RUN_MS 60000

int old_open(const char *path, bool follow, struct err *err)
{
	struct stat st;
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follow ? 0 : O_NOFOLLOW);
	int fd = open(path, flags);
	if (fd < 0 && errno == ELOOP && !follow) {
		err_set(err, "%s is a symbolic link", path);
		errno = ELOOP;
		return -1;
	}
	if (fd < 0)
		return err_sys(err, "cannot open %s", path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	errno = EINVAL;
	return err_set(err, "%s is not a regular file", path);
}

int old_read(const char *path, bool follow, size_t max, struct buf *out, struct err *err)
{
	struct stat st;
	struct err why;
	int fd = old_open(path, follow, err);
	if (fd < 0)
		return -1;
	int r = 0;
	if (fstat(fd, &st) == 0 && st.st_size > 0 && (uintmax_t)st.st_size > max) {
		errno = EFBIG;
		r = err_set(err, "%s: larger than %zu bytes", path, max);
	} else if (file_read_all(fd, out, max, &why) < 0) {
		r = err_set(err, "%s: %s", path, why.text);
	}
	int saved = errno;
	close(fd);
	errno = saved;
	return r;
}

bool old_exists(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

bool old_is_dir(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *old_path(const char *dir, const char *name)
{
	struct buf path = {0};
	buf_adds(&path, dir);
	while (path.len > 1 && path.data[path.len - 1] == '/')
		path.data[--path.len] = '\0';
	while (name[0] == '/')
		name++;
	buf_addf(&path, "/%s", name);
	return path.data;
}

int old_each(const char *dir, void (*take)(void *arg, const char *name), void *arg, struct err *err)
{
	struct dirent **names;
	int count = scandir(dir, &names, NULL, alphasort);
	if (count < 0)
		return err_sys(err, "cannot read %s", dir);
	for (int i = 0; i < count; i++) {
		if (strcmp(names[i]->d_name, ".") != 0 && strcmp(names[i]->d_name, "..") != 0)
			take(arg, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return 0;
}

/* The program in PATH, or where administrators' programs are; NULL: nowhere. */
static char *find_program(const char *name)
{
	static const char more[] = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:/sbin:/bin";
	const char *env = getenv("PATH");
	struct buf dirs = {0};
	buf_addf(&dirs, "%s:%s", env == NULL ? "" : env, more);
	char *found = NULL, *at = dirs.data;
	for (char *dir; found == NULL && (dir = strsep(&at, ":")) != NULL;) {
		char *path = dir[0] == '/' ? old_path(dir, name) : NULL;
		if (path != NULL && access(path, X_OK) == 0)
			found = path;
		else
			free(path);
	}
	buf_free(&dirs);
	return found;
}

static const char *last_line(const struct buf *text)
{
	const char *s = buf_str(text);
	size_t len = text->len;
	while (len > 0 && s[len - 1] == '\n')
		len--;
	while (len > 0 && s[len - 1] != '\n')
		len--;
	return s + len;
}

int old_run(const char *program, char *const argv[], const char *input, size_t len, size_t max,
    struct buf *out, struct err *err)
{
	char *envp[] = {(char *)"LC_ALL=C", NULL};
	struct buf errout = {0};
	int status = 0;
	char *path = find_program(program);
	if (path == NULL)
		return err_set(err, "%s is not installed; it comes with BIND", program);
	int r =
	    child_capture(path, argv, envp, input, len, RUN_MS, max, out, &errout, &status, err);
	if (r == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
		const char *words = last_line(errout.len > 0 ? &errout : out);
		err_set(err, "%s: %s", program, words[0] == '\0' ? "it failed" : words);
		r = 1;
	}
	buf_free(&errout);
	free(path);
	return r;
}
