/* database: reads DirectDNSOnly's SQLite database, of a copy. */
#include "database.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "old.h"

#define DATABASE_MOST ((off_t)4 << 30)
#define PENDING_BYTE 0x40000000 /* SQLite's locks lie here (its file format, 1.2 and "locking") */
#define LOCK_BYTES 512
#define STEPS_MOST 200000 /* times 1,000 instructions of SQLite, for all rows */

static const char *const parts[] = {"", "-journal", "-wal"};
enum { PARTS = 3 };

struct copy {
	char dir[64];
	char file[96]; /* of the database */
	struct stat before[PARTS];
	bool there[PARTS];
};

static bool is_locked(int fd)
{
	struct flock lock = {
	    .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = PENDING_BYTE, .l_len = LOCK_BYTES};
	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_WRLCK;
}

static int copy_octets(int from, int to, struct err *err)
{
	static char chunk[1 << 16];
	for (ssize_t n;;) {
		n = read(from, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "cannot read the database");
		if (n == 0)
			return 0;
		if (file_write_all(to, chunk, (size_t)n) < 0)
			return err_sys(err, "cannot write a copy of the database");
	}
}

static int copy_part(struct copy *c, const char *path, int part, struct err *err)
{
	char from[4096 + 16], to[128];
	if ((size_t)snprintf(from, sizeof(from), "%s%s", path, parts[part]) >= sizeof(from))
		return err_set(err, "%s: the path is too long", path);
	snprintf(to, sizeof(to), "%s%s", c->file, parts[part]);
	if (part > 0 && !old_exists(from))
		return 0;
	int fd = old_open(from, false, err), r = -1;
	if (fd < 0)
		return -1;
	c->there[part] = true;
	if (fstat(fd, &c->before[part]) < 0)
		err_sys(err, "%s", from);
	else if (c->before[part].st_size > DATABASE_MOST)
		err_set(err, "%s: larger than 4 GiB", from);
	else if (is_locked(fd))
		r = 1;
	else
		r = 0;
	int copy = r != 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (r == 0)
		r = copy < 0 ? err_sys(err, "cannot create %s", to) : copy_octets(fd, copy, err);
	if (copy >= 0)
		close(copy);
	close(fd);
	return r;
}

/* Is everything still as it was before the copy? */
static bool unchanged(const struct copy *c, const char *path)
{
	for (int i = 0; i < PARTS; i++) {
		char name[4096 + 16];
		struct stat now;
		snprintf(name, sizeof(name), "%s%s", path, parts[i]);
		bool there = lstat(name, &now) == 0;
		const struct stat *was = &c->before[i];
		if (there != c->there[i] ||
		    (there && (now.st_size != was->st_size || now.st_ino != was->st_ino ||
				  now.st_mtim.tv_sec != was->st_mtim.tv_sec ||
				  now.st_mtim.tv_nsec != was->st_mtim.tv_nsec)))
			return false;
	}
	return true;
}

static int make_copy(struct copy *c, const char *path, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	int n = snprintf(c->dir, sizeof(c->dir), "%s/ddo-import.XXXXXX",
	    tmp == NULL || tmp[0] != '/' || strlen(tmp) > 40 ? "/tmp" : tmp);
	if (n >= (int)sizeof(c->dir) || mkdtemp(c->dir) == NULL) {
		c->dir[0] = '\0';
		return err_sys(err, "cannot make a directory below /tmp or $TMPDIR");
	}
	snprintf(c->file, sizeof(c->file), "%s/old.db", c->dir);
	int r = 0;
	for (int i = 0; r == 0 && i < PARTS; i++)
		r = copy_part(c, path, i, err);
	return r == 0 && !unchanged(c, path) ? 1 : r;
}

static void remove_copy(const struct copy *c)
{
	static const char *const left[] = {"", "-journal", "-wal", "-shm"};
	if (c->dir[0] == '\0')
		return;
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		char name[128];
		snprintf(name, sizeof(name), "%s%s", c->file, left[i]);
		unlink(name);
	}
	rmdir(c->dir);
}

static int too_long(void *arg)
{
	unsigned *steps = arg;
	return ++*steps > STEPS_MOST;
}

static int fault(sqlite3 *db, const char *path, struct err *err)
{
	return err_set(err, "%s: %s", path, sqlite3_errmsg(db));
}

/* A number that the query gives, -1: none. */
static int ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *q = NULL;
	int number = -1;
	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW)
		number = sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	return number;
}

static const char *column(sqlite3_stmt *q, int i)
{
	const char *text = (const char *)sqlite3_column_text(q, i);
	return text == NULL ? "" : text;
}

static void take_row(struct plan *p, sqlite3_stmt *q, const char *path)
{
	const char *name = column(q, 0);
	struct plan_zone *z = plan_know(p, name, (size_t)sqlite3_column_bytes(q, 0), path);
	if (z == NULL)
		return;
	plan_own(p, z, FROM_DATABASE, column(q, 1), column(q, 2), path);
	const char *text = column(q, 3);
	int len = sqlite3_column_bytes(q, 3);
	if (len > 0)
		plan_offer(p, z, FROM_DATABASE, path, text, (size_t)len);
}

static int read_rows(struct plan *p, sqlite3 *db, const char *path, struct err *err)
{
	sqlite3_stmt *q = NULL;
	size_t rows = 0;
	int kind = ask(db, "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
			   " AND name = 'domains' AND sql LIKE 'CREATE TABLE%'");
	if (kind < 0)
		return fault(db, path, err);
	if (kind == 0)
		return err_set(err, "%s: no table domains: it is not DirectDNSOnly's", path);
	/* 1.0.9 has no texts, and a database that grew from it may have none. */
	bool texts =
	    ask(db, "SELECT count(*) FROM pragma_table_info('domains') WHERE name = 'zone_data'") >
	    0;
	int r = sqlite3_prepare_v2(db,
	    texts ? "SELECT domain, hostname, username, zone_data FROM domains ORDER BY id"
		  : "SELECT domain, hostname, username, NULL FROM domains ORDER BY id",
	    -1, &q, NULL);
	while (r == SQLITE_OK || r == SQLITE_ROW) {
		r = sqlite3_step(q);
		if (r != SQLITE_ROW)
			break;
		rows++;
		take_row(p, q, path);
	}
	if (r != SQLITE_DONE)
		fault(db, path, err);
	sqlite3_finalize(q);
	if (r != SQLITE_DONE)
		return -1;
	plan_line(p, PLAN_READ, NULL, path, "the database; zones: %zu", rows);
	return 0;
}

int database_read(struct plan *p, const char *path, struct err *err)
{
	struct copy copy = {0};
	sqlite3 *db = NULL;
	unsigned steps = 0;
	int r = make_copy(&copy, path, err);
	if (r == 0 && sqlite3_open_v2(copy.file, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) {
		r = fault(db, path, err);
	} else if (r == 0) {
		sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		sqlite3_progress_handler(db, 1000, too_long, &steps);
		r = read_rows(p, db, path, err);
	}
	sqlite3_close(db);
	remove_copy(&copy);
	return r;
}
