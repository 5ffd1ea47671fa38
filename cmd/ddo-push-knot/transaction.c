/* transaction: knotd's one configuration transaction, and whose it is. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "knot.h"

#define NOTE ".ddo-transaction"
#define NOTE_MAX ((size_t)64 << 20)
#define WAIT_MS 20000 /* for another ddo-push-knot's transaction */
#define PAUSE_MS 10
/* For so long a note proves what has no other proof.  ddo-queue retries sooner.  An operator who
 * finds a transaction left open, ends it and begins another takes longer. */
#define PROOF_S 300

/* Opens the note and locks it: only the ddo-push-knot with the lock has a transaction. */
static int hold_note(struct knot *k, struct err *err)
{
	int64_t until = clock_mono_ms() + WAIT_MS;
	for (;;) {
		struct stat mine, there;
		int fd = openat(k->p.dir, NOTE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (fd < 0)
			return err_sys(err, "cannot create %s/%s", k->p.zones_dir, NOTE);
		bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
		/* It may have been unlinked while we waited for it. */
		if (locked && fstat(fd, &mine) == 0 && fstatat(k->p.dir, NOTE, &there, 0) == 0 &&
		    mine.st_ino == there.st_ino) {
			k->note = fd;
			return 0;
		}
		close(fd);
		if (clock_mono_ms() >= until)
			return err_set(err, "another ddo-push-knot has held a transaction for %d s",
			    WAIT_MS / 1000);
		clock_sleep_ms(PAUSE_MS);
	}
}

static void drop_note(struct knot *k, bool keep)
{
	if (!keep)
		unlinkat(k->p.dir, NOTE, 0);
	close(k->note);
	k->note = -1;
}

/* The first line: this life of knotd, which makes a new socket at each start. */
static void add_life(const struct knot *k, struct buf *out)
{
	struct stat st = {0};
	stat(k->control, &st);
	buf_addf(out, "knotd %ju %jd.%09ld\n", (uintmax_t)st.st_ino, (intmax_t)st.st_ctim.tv_sec,
	    st.st_ctim.tv_nsec);
}

/* `time` is that of the first entry in it. */
static int write_note(
    struct knot *k, const struct buf *text, const struct timespec *time, struct err *err)
{
	struct timespec times[] = {*time, *time};
	if (ftruncate(k->note, 0) == 0 && lseek(k->note, 0, SEEK_SET) == 0 &&
	    file_write_all(k->note, buf_str(text), text->len) == 0 && futimens(k->note, times) == 0)
		return 0;
	return err_sys(err, "cannot write %s/%s", k->p.zones_dir, NOTE);
}

/* Before the transaction begins: adds what it will be about to the notes about one before. */
static int note_works(struct knot *k, struct work *const *works, size_t count,
    const struct buf *old, const struct timespec *time, struct err *err)
{
	struct buf text = {0};
	if (old->len > 0)
		buf_add(&text, old->data, old->len);
	else
		add_life(k, &text);
	for (size_t i = 0; i < count; i++)
		buf_addf(
		    &text, "%s %s\n", works[i]->op == OP_DEL ? "del" : "add", works[i]->item->name);
	int r = write_note(k, &text, time, err);
	buf_free(&text);
	return r;
}

struct seen {
	const struct knot *k;
	bool ours;
};

static void take_declared(void *arg, const char *zone, const char *path)
{
	struct seen *s = arg;
	s->ours = declared_ours(s->k, zone, path);
}

/* Reads what is noted of a transaction in this life of knotd.  Nothing when that was committed:
 * then only the note was left. */
static int read_note(struct knot *k, struct buf *old, struct timespec *time, struct err *err)
{
	struct buf life = {0};
	struct stat st = {0};
	struct seen seen = {.k = k};
	char zone[NAME_SIZE];
	add_life(k, &life);
	int r = file_read_all(k->note, old, NOTE_MAX, err);
	fstat(k->note, &st);
	if (r == 0 && (old->len <= life.len || memcmp(old->data, life.data, life.len) != 0 ||
			  clock_wall_s() - st.st_mtim.tv_sec > PROOF_S))
		buf_reset(old);
	if (r == 0 && old->len > 0) {
		const char *first = old->data + life.len;
		bool add = strncmp(first, "add ", 4) == 0;
		const char *name = first + strcspn(first, " \n");
		name += strspn(name, " ");
		bool named = name_normalize(name, strcspn(name, "\n"), zone, NULL) == 0;
		int there = named ? declared_read(k, zone, take_declared, &seen, err) : 1;
		r = there < 0 ? -1 : 0;
		if (!named || (add ? there == 0 && seen.ours : there == 1))
			buf_reset(old);
	}
	*time = st.st_mtim;
	if (old->len == 0)
		clock_gettime(CLOCK_REALTIME, time);
	buf_free(&life);
	return r;
}

struct changes {
	const struct knot *k;
	const struct buf *note;
	char zone[NAME_SIZE]; /* that the changes are about now, which come zone by zone */
	bool proven;          /* it is one of ours */
	bool any, foreign;
};

static bool is_noted(const struct buf *note, const char *zone)
{
	struct buf line = {0};
	buf_addf(&line, " %s\n", zone);
	bool found = note->len > 0 && strstr(note->data, line.data) != NULL;
	buf_free(&line);
	return found;
}

static void next_zone(struct changes *c, const char *zone)
{
	c->foreign = c->foreign || (c->zone[0] != '\0' && !c->proven);
	snprintf(c->zone, sizeof(c->zone), "%s", zone);
	c->proven = zone[0] != '\0' && is_noted(c->note, zone);
}

/* A change of the transaction that is open.  Ours are about zones that we noted, or that get the
 * very file that ddo has for them. */
static void take_change(void *arg, const knot_ctl_data_t *data)
{
	struct changes *c = arg;
	const char *section = (*data)[KNOT_CTL_IDX_SECTION], *item = (*data)[KNOT_CTL_IDX_ITEM];
	const char *value = (*data)[KNOT_CTL_IDX_DATA], *id = (*data)[KNOT_CTL_IDX_ID];
	char zone[NAME_SIZE];
	c->any = true;
	if (id == NULL) /* the item that is the id itself */
		id = value;
	if (section == NULL || strcmp(section, "zone") != 0 || item == NULL || id == NULL ||
	    name_normalize(id, strlen(id), zone, NULL) < 0) {
		c->foreign = true;
		return;
	}
	if (strcmp(zone, c->zone) != 0)
		next_zone(c, zone);
	if (strcmp(item, "file") == 0 && value != NULL)
		c->proven = c->proven || declared_is_file(c->k, zone, value);
	else if (strcmp(item, "domain") != 0 && strcmp(item, "template") != 0 &&
		 !is_noted(c->note, zone))
		c->foreign = true;
}

/* A transaction is open in knotd.  One that a killed ddo-push-knot left is aborted. */
static int abort_ours(struct knot *k, const struct buf *note, struct err *err)
{
	struct changes c = {.k = k, .note = note};
	struct ctl_unit none = {0};
	if (ctl_command(k->ctl, "conf-diff", &none, 1, take_change, &c, err) != 0)
		return -1;
	next_zone(&c, "");
	if (c.foreign || (!c.any && note->len == 0))
		return err_set(err,
		    "another program has a configuration transaction open in knotd: end it with "
		    "knotc conf-commit or knotc conf-abort");
	return ctl_command(k->ctl, "conf-abort", &none, 1, NULL, NULL, err) == 0 ? 0 : -1;
}

static int begin(struct knot *k, const struct buf *note, struct err *err)
{
	struct ctl_unit none = {0};
	int r = ctl_command(k->ctl, "conf-begin", &none, 1, NULL, NULL, err);
	if (r > 0 && strcmp(err->text, knot_strerror(KNOT_TXN_EEXISTS)) == 0) {
		if (abort_ours(k, note, err) < 0)
			return -1;
		r = ctl_command(k->ctl, "conf-begin", &none, 1, NULL, NULL, err);
	}
	return r;
}

int transaction_begin(struct knot *k, struct work *const *works, size_t count, struct err *err)
{
	struct buf note = {0};
	struct timespec time;
	struct err why;
	if (hold_note(k, err) < 0)
		return -1;
	int r = read_note(k, &note, &time, err);
	if (r == 0)
		r = note_works(k, works, count, &note, &time, err);
	if (r == 0)
		r = begin(k, &note, err);
	/* The transaction is not ours, so the notes stay as they were. */
	if (r != 0)
		drop_note(k, note.len > 0 && write_note(k, &note, &time, &why) == 0);
	buf_free(&note);
	return r;
}

int transaction_end(struct knot *k, const char *how, struct err *err)
{
	struct ctl_unit none = {0}, version = {.type = "version"};
	struct err why;
	int r = ctl_command(k->ctl, how, &none, 1, NULL, NULL, err);
	/* A knotd that is gone leaves no transaction. */
	bool open = r != 0 && ctl_command(k->ctl, "status", &version, 1, NULL, NULL, &why) == 0;
	if (r <= 0 || !open)
		drop_note(k, open);
	return r;
}

int transaction_tidy(struct primary *p, struct work_batch *batch, struct err *err)
{
	struct knot *k = (struct knot *)p;
	struct buf note = {0};
	struct timespec time;
	(void)batch;
	if (faccessat(k->p.dir, NOTE, F_OK, 0) < 0)
		return 0;
	int r = hold_note(k, err);
	if (r == 0) {
		r = read_note(k, &note, &time, err);
		drop_note(k, r < 0 || note.len > 0);
	}
	buf_free(&note);
	return r;
}
