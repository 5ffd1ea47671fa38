/* lock: staying away from a DirectAdmin that has locked this address out. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "da/da_private.h"

void da_lock_open(struct da *da)
{
	const char *db = da->conf->db_path, *slash = strrchr(db, '/');
	struct buf path = {0};
	buf_addf(&path, "%.*sda-lockout.%s", slash == NULL ? 0 : (int)(slash - db + 1), db,
	    da->server->hostname);
	da->lock_path = path.data;
}

static int locked(struct da *da, int64_t until, struct err *err)
{
	char when[32];
	clock_rfc3339(until, when);
	return da_fail(da, DA_LOCKED, err,
	    "has locked this address out (\"blacklisted\"): ddo asks again after %s, or once you "
	    "remove %s",
	    when, da->lock_path);
}

/* The time in the file.  If it makes no sense, lockout_hours after the file's own time. */
static int64_t read_until(const struct da *da, const struct buf *text)
{
	struct stat st;
	char *end;
	long long until = strtoll(buf_str(text), &end, 10);
	if (end != text->data && until > 0 && (*end == '\n' || *end == '\0'))
		return until;
	if (stat(da->lock_path, &st) < 0)
		return 0;
	return st.st_mtime + (int64_t)da->conf->reconcile.lockout_hours * 3600;
}

int da_lock_check(struct da *da, struct err *err)
{
	struct buf text = {0};
	struct err why;
	int64_t now = clock_wall_s(), until = da->locked_until;
	if (until > now)
		return da_fail(da, DA_LOCKED, err, "has locked this address out (\"blacklisted\")");
	if (file_read(AT_FDCWD, da->lock_path, &text, 64, &why) < 0) {
		/* No directory means no lock: without a store there is no lock file. */
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		if (errno != EFBIG)
			return da_fail(da, DA_LOCKED, err,
			    "cannot tell whether it has locked this address out: %s", why.text);
	}
	until = read_until(da, &text);
	buf_free(&text);
	if (until > now)
		return locked(da, until, err);
	unlink(da->lock_path);
	return 0;
}

int da_lock_set(struct da *da, const char *why, struct err *err)
{
	int64_t until = clock_wall_s() + (int64_t)da->conf->reconcile.lockout_hours * 3600;
	struct buf tmp = {0}, text = {0};
	struct err trouble;
	buf_addf(&tmp, "%s.%ld.tmp", da->lock_path, (long)getpid());
	buf_addf(&text, "%lld\n", (long long)until);
	unlink(tmp.data);
	/* The file holds no secret, and the next program may run as another user. */
	int r = file_write_durable(
	    AT_FDCWD, tmp.data, da->lock_path, 0644, text.data, text.len, &trouble);
	buf_free(&tmp);
	buf_free(&text);
	if (r == 0)
		return locked(da, until, err);
	da->locked_until = until;
	return da_fail(da, DA_LOCKED, err,
	    "%s; other programs cannot know this and will ask it: %s", why, trouble.text);
}
