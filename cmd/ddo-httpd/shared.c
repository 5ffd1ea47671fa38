/* shared: the numbers in spool/httpd.state. */
#include "shared.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define MAGIC 0x31656c6264646f24ULL /* change it with the layout */
#define ROWS 1024
#define PLACES 4 /* in a row */
#define RECOUNT_MS 1000
#define RECOUNT_FULL_MS 200 /* before a refusal */
#define RECOUNT_SHARE 10    /* counting takes at most this part of the time */

struct head {
	uint64_t magic;
	int64_t counted_ms; /* when `queued` was last taken from spool/new */
	int64_t took_ms;    /* how long the count took */
	uint64_t queued;
	uint64_t counts[SHARED_COUNTS];
};

struct place {
	unsigned char key[12]; /* family, then 4 or 8 octets */
	uint32_t failures;
	int64_t last_ms;
	int64_t turn_ms; /* the next turn is not before */
	int64_t good_ms; /* the last good login, exact to a day */
};

#define DAY_MS 86400000LL
#define KNOWN_MS (30 * DAY_MS)

struct shared {
	int fd;
	pthread_mutex_t mutex; /* threads share the descriptor and so its flock */
};

static int64_t now_ms(void)
{
	return clock_wall_us() / 1000;
}

int shared_open(struct shared **out, const char *spool_dir, struct err *err)
{
	struct shared *s = mem_alloc(sizeof(*s));
	char path[4096];
	snprintf(path, sizeof(path), "%s/httpd.state", spool_dir);
	pthread_mutex_init(&s->mutex, NULL);
	*out = s;
	s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (s->fd < 0)
		return err_sys(err, "cannot open %s", path);
	struct head h;
	if (pread(s->fd, &h, sizeof(h), 0) == (ssize_t)sizeof(h) && h.magic != MAGIC)
		(void)!ftruncate(s->fd, 0);
	/* Every user of the spool writes it, whatever umask the first one had. */
	(void)!fchmod(s->fd, 0660);
	return 0;
}

void shared_close(struct shared *s)
{
	if (s->fd >= 0)
		close(s->fd);
	pthread_mutex_destroy(&s->mutex);
	free(s);
}

static void lock(struct shared *s)
{
	pthread_mutex_lock(&s->mutex);
	while (s->fd >= 0 && flock(s->fd, LOCK_EX) < 0 && errno == EINTR)
		;
}

static void unlock(struct shared *s)
{
	if (s->fd >= 0)
		flock(s->fd, LOCK_UN);
	pthread_mutex_unlock(&s->mutex);
}

static void read_head(struct shared *s, struct head *h)
{
	if (pread(s->fd, h, sizeof(*h), 0) != (ssize_t)sizeof(*h) || h->magic != MAGIC)
		*h = (struct head){.magic = MAGIC};
}

static void write_head(struct shared *s, const struct head *h)
{
	(void)!pwrite(s->fd, h, sizeof(*h), 0);
}

void shared_add(struct shared *s, enum shared_count which, uint64_t n)
{
	struct head h;
	lock(s);
	read_head(s, &h);
	h.counts[which] += n;
	write_head(s, &h);
	unlock(s);
}

void shared_read(struct shared *s, uint64_t counts[SHARED_COUNTS])
{
	struct head h;
	lock(s);
	read_head(s, &h);
	unlock(s);
	memcpy(counts, h.counts, sizeof(h.counts));
}

static int make_key(const char *address, unsigned char key[12])
{
	unsigned char addr[16];
	memset(key, 0, 12);
	if (inet_pton(AF_INET, address, addr) == 1) {
		key[0] = 4;
		memcpy(key + 1, addr, 4);
	} else if (inet_pton(AF_INET6, address, addr) == 1) {
		key[0] = 6;
		memcpy(key + 1, addr, 8);
	} else {
		return -1;
	}
	return 0;
}

static off_t row_of(const unsigned char key[12])
{
	uint32_t hash = 2166136261U; /* FNV-1a */
	for (int i = 0; i < 12; i++)
		hash = (hash ^ key[i]) * 16777619U;
	return (off_t)(4096 + (hash % ROWS) * PLACES * sizeof(struct place));
}

static bool is_stale(const struct place *p, int64_t now, unsigned window_s)
{
	return p->last_ms > now || now - p->last_ms >= (int64_t)window_s * 1000;
}

static bool is_known(const struct place *p, int64_t now)
{
	return p->good_ms > now - KNOWN_MS && p->good_ms <= now;
}

/* Strangers make room before addresses with a good login. */
static uint64_t worth(const struct place *p, int64_t now)
{
	return p->failures + (is_known(p, now) ? 1ULL << 32 : 0);
}

/* Reads the row of the address.  Gives its place there, or the one that it can have, emptied. */
static struct place *find(struct shared *s, const unsigned char key[12], unsigned window_s,
    int64_t now, struct place row[PLACES])
{
	const size_t size = PLACES * sizeof(*row);
	struct place *free_one = &row[0];
	if (pread(s->fd, row, size, row_of(key)) != (ssize_t)size)
		memset(row, 0, size);
	for (int i = 0; i < PLACES; i++) {
		if (is_stale(&row[i], now, window_s))
			row[i].failures = 0;
		if (memcmp(row[i].key, key, 12) == 0)
			return &row[i];
		if (worth(&row[i], now) < worth(free_one, now))
			free_one = &row[i];
	}
	*free_one = (struct place){0};
	memcpy(free_one->key, key, 12);
	return free_one;
}

/* Without the lock: it may miss a failure at the same moment, which the next request sees. */
unsigned shared_failures(struct shared *s, const char *address, unsigned window_s, unsigned *left_s)
{
	unsigned char key[12];
	struct place row[PLACES];
	int64_t now = now_ms();
	*left_s = 0;
	if (make_key(address, key) < 0)
		return 0;
	const struct place *p = find(s, key, window_s, now, row);
	if (p->failures > 0)
		*left_s = (unsigned)((p->last_ms + (int64_t)window_s * 1000 - now + 999) / 1000);
	return p->failures;
}

/* Takes the lock and gives the address's place in `row`; NULL, without the lock: no address. */
static struct place *take(struct shared *s, const char *address, unsigned window_s,
    unsigned char key[12], struct place row[PLACES])
{
	if (make_key(address, key) < 0)
		return NULL;
	lock(s);
	return find(s, key, window_s, now_ms(), row);
}

static void give(struct shared *s, const unsigned char key[12], const struct place row[PLACES])
{
	(void)!pwrite(s->fd, row, PLACES * sizeof(*row), row_of(key));
	unlock(s);
}

bool shared_fail(
    struct shared *s, const char *address, unsigned window_s, unsigned most, unsigned *now)
{
	unsigned char key[12];
	struct place row[PLACES];
	struct place *p = take(s, address, window_s, key, row);
	*now = 0;
	if (p == NULL)
		return true;
	bool one_more = p->failures < most;
	if (one_more) {
		p->last_ms = now_ms();
		p->failures++;
	}
	*now = p->failures;
	give(s, key, row);
	return one_more;
}

void shared_forget(
    struct shared *s, const char *address, unsigned window_s, unsigned lock, unsigned counted)
{
	unsigned char key[12];
	struct place row[PLACES];
	struct place *p = take(s, address, window_s, key, row);
	if (p == NULL)
		return;
	p->failures -= p->failures < counted ? p->failures : counted;
	if (p->failures < lock)
		p->failures = 0;
	give(s, key, row);
}

bool shared_knows(struct shared *s, const char *address)
{
	unsigned char key[12];
	struct place row[PLACES];
	int64_t now = now_ms();
	return make_key(address, key) == 0 &&
	       is_known(find(s, key, UINT32_MAX / 1000, now, row), now);
}

void shared_know(struct shared *s, const char *address, unsigned window_s)
{
	unsigned char key[12];
	struct place row[PLACES];
	int64_t now = now_ms();
	if (make_key(address, key) < 0)
		return;
	int64_t before = find(s, key, window_s, now, row)->good_ms;
	if (before > now - DAY_MS && before <= now)
		return;
	struct place *p = take(s, address, window_s, key, row);
	p->good_ms = now;
	give(s, key, row);
}

enum shared_turn shared_turn(struct shared *s, const char *address, const struct shared_lock *lock)
{
	unsigned char key[12];
	struct place row[PLACES];
	struct place *p = take(s, address, lock->window_s, key, row);
	int64_t now = now_ms();
	if (p == NULL)
		return TURN_FREE;
	enum shared_turn turn = TURN_TAKEN;
	if (p->failures < lock->lock)
		turn = TURN_FREE;
	else if (p->failures >= lock->most)
		turn = TURN_NEVER;
	else if (p->turn_ms > now && p->turn_ms <= now + lock->pace_ms)
		turn = TURN_LATER;
	if (turn == TURN_TAKEN) {
		p->turn_ms = now + lock->pace_ms;
		p->failures++;
	}
	give(s, key, row);
	return turn;
}

void shared_give_back(struct shared *s, const char *address, const struct shared_lock *lock)
{
	unsigned char key[12];
	struct place row[PLACES];
	struct place *p = take(s, address, lock->window_s, key, row);
	if (p == NULL)
		return;
	if (p->failures > lock->lock)
		p->failures--;
	p->turn_ms = 0;
	give(s, key, row);
}

static int recount(struct head *h, struct spool *spool, struct err *err)
{
	size_t in_new = 0, in_bad;
	uint64_t oldest;
	int64_t start = clock_mono_ms();
	int r = spool_count(spool, &in_new, &in_bad, &oldest, err);
	h->took_ms = clock_mono_ms() - start;
	h->counted_ms = now_ms();
	h->queued = in_new;
	return r;
}

static bool is_older(const struct head *h, int64_t ms)
{
	int64_t now = now_ms(), least = h->took_ms * RECOUNT_SHARE;
	return h->counted_ms > now || now - h->counted_ms > (ms > least ? ms : least);
}

int shared_take_place(
    struct shared *s, struct spool *spool, uint64_t n, uint64_t max, struct err *err)
{
	struct head h;
	int r = 0;
	uint64_t need = n == 0 ? 1 : n;
	if (max == 0)
		return 0;
	lock(s);
	read_head(s, &h);
	if (is_older(&h, h.queued + need > max ? RECOUNT_FULL_MS : RECOUNT_MS))
		r = recount(&h, spool, err);
	if (r == 0 && h.queued + need > max)
		r = err_set(err, "%llu jobs wait in the spool; app.max_queue is %llu",
		    (unsigned long long)h.queued, (unsigned long long)max);
	if (r == 0)
		h.queued += n;
	write_head(s, &h);
	unlock(s);
	return r;
}
