/* job: writes and reads the text form of a job. */
#include "spool/job.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

static const struct {
	const char *name;
	bool zone, text; /* required, allowed */
} ops[] = {{"put", true, true}, {"del", true, false}, {"wanted", true, false},
    {"retry", false, false}, {"own", true, false}, {"resend", false, true},
    {"restore", true, false}, {"report", false, true}, {"refused", true, false},
    {"allow", true, false}, {"forget", true, false}};

void job_stamp(struct job *job)
{
	struct timespec now;
	struct tm tm;
	clock_gettime(CLOCK_REALTIME, &now);
	char seconds[24] = "";
	if (gmtime_r(&now.tv_sec, &tm) != NULL)
		strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(job->accepted, sizeof(job->accepted), "%s.%09ldZ", seconds, now.tv_nsec);
}

static void header(struct buf *out, const char *key, const char *value)
{
	if (value[0] != '\0')
		buf_addf(out, "%s: %s\n", key, value);
}

void job_render(const struct job *job, struct buf *out)
{
	buf_adds(out, "ddo-job: 1\n");
	header(out, "op", ops[job->op].name);
	header(out, "zone", job->zone);
	header(out, "target", job->target);
	header(out, "origin", job->origin);
	header(out, "user", job->user);
	header(out, "source", job->source);
	header(out, "client", job->client);
	header(out, "accepted", job->accepted);
	if (job->conditional)
		buf_addf(out, "seen: %llu\n", (unsigned long long)job->seen);
	header(out, "owned", job->mine == NULL ? "" : job->mine);
	char reason[JOB_REASON_SIZE]; /* it may hold text from the network */
	snprintf(reason, sizeof(reason), "%s", job->reason);
	err_clean(reason);
	header(out, "reason", reason);
	buf_addc(out, '\n');
	if (ops[job->op].text)
		buf_add(out, job->text, job->text_len);
}

static int copy(char *out, size_t size, const char *key, const char *value, size_t len,
    const char *more, struct err *err)
{
	if (len >= size)
		return err_set(err, "%s is too long", key);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];
		bool word =
		    (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!word && (c == '\0' || strchr(more, c) == NULL))
			return err_set(err, "%s holds a character that is not allowed", key);
	}
	memcpy(out, value, len);
	out[len] = '\0';
	return 0;
}

static int set_op(struct job *job, const char *value, size_t len, struct err *err)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strlen(ops[i].name) == len && memcmp(ops[i].name, value, len) == 0) {
			job->op = (enum job_op)i;
			return 0;
		}
	}
	return err_set(err, "unknown op");
}

static int set_seen(struct job *job, const char *value, size_t len, struct err *err)
{
	char digits[20];
	if (copy(digits, sizeof(digits), "seen", value, len, "", err) < 0)
		return -1;
	if (len == 0 || strspn(digits, "0123456789") != len || len > 16)
		return err_set(err, "not a number");
	job->seen = strtoull(digits, NULL, 10);
	job->conditional = true;
	return 0;
}

/* Hosts, separated by blanks, in their normal form. */
static int set_mine(struct job *job, const char *value, size_t len, struct err *err)
{
	struct buf hosts = {0};
	for (const char *end = value + len, *at = value; at < end;) {
		char host[NAME_SIZE];
		const char *blank = memchr(at, ' ', (size_t)(end - at));
		size_t word = (size_t)((blank == NULL ? end : blank) - at);
		if (name_normalize_host(at, word, host, err) < 0) {
			buf_free(&hosts);
			return -1;
		}
		buf_addf(&hosts, "%s%s", hosts.len == 0 ? "" : " ", host);
		at += word + 1;
	}
	free(job->owned_mine);
	job->mine = job->owned_mine = hosts.data;
	return hosts.len > 0 ? 0 : err_set(err, "no host");
}

/* A longer reason is cut; what cannot stand on one line becomes '?'. */
static int set_reason(struct job *job, const char *value, size_t len, struct err *err)
{
	if (memchr(value, '\0', len) != NULL)
		return err_set(err, "holds a NUL byte");
	snprintf(job->reason, sizeof(job->reason), "%.*s",
	    (int)(len < sizeof(job->reason) ? len : sizeof(job->reason)), value);
	err_clean(job->reason);
	return 0;
}

static int set_header(
    struct job *job, const char *key, const char *value, size_t len, bool *has_op, struct err *err)
{
	if (strcmp(key, "op") == 0) {
		*has_op = true;
		return set_op(job, value, len, err);
	}
	if (strcmp(key, "zone") == 0)
		return name_normalize(value, len, job->zone, err);
	if (strcmp(key, "origin") == 0)
		return name_normalize_host(value, len, job->origin, err);
	if (strcmp(key, "user") == 0)
		return name_check_user(value, len, job->user, err);
	if (strcmp(key, "target") == 0)
		return copy(job->target, sizeof(job->target), key, value, len, "._-", err);
	if (strcmp(key, "source") == 0)
		return copy(job->source, sizeof(job->source), key, value, len, "-", err);
	if (strcmp(key, "client") == 0)
		return copy(job->client, sizeof(job->client), key, value, len, ".:%", err);
	if (strcmp(key, "accepted") == 0)
		return copy(job->accepted, sizeof(job->accepted), key, value, len, ".:-", err);
	if (strcmp(key, "seen") == 0)
		return set_seen(job, value, len, err);
	if (strcmp(key, "owned") == 0)
		return set_mine(job, value, len, err);
	if (strcmp(key, "reason") == 0)
		return set_reason(job, value, len, err);
	return err_set(err, "unknown header");
}

static int parse_headers(struct job *job, const char **at, const char *end, struct err *err)
{
	bool has_op = false;
	for (const char *p = *at;;) {
		const char *line_end = memchr(p, '\n', (size_t)(end - p));
		if (line_end == NULL)
			return err_set(err, "the headers do not end");
		if (line_end == p) {
			*at = p + 1;
			return has_op ? 0 : err_set(err, "no op");
		}
		char key[16];
		const char *colon = memchr(p, ':', (size_t)(line_end - p));
		if (colon == NULL || (size_t)(colon - p) >= sizeof(key) || colon + 1 == line_end ||
		    colon[1] != ' ')
			return err_set(err, "a header is not \"key: value\"");
		memcpy(key, p, (size_t)(colon - p));
		key[colon - p] = '\0';
		struct err why;
		if (set_header(job, key, colon + 2, (size_t)(line_end - colon - 2), &has_op, &why) <
		    0)
			return err_set(err, "header %s: %s", key, why.text);
		p = line_end + 1;
	}
}

int job_parse(struct job *job, const char *data, size_t len, struct err *err)
{
	static const char magic[] = "ddo-job: 1\n";
	*job = (struct job){0};
	if (len < sizeof(magic) - 1 || memcmp(data, magic, sizeof(magic) - 1) != 0)
		return err_set(err, "not a job of version 1");
	const char *p = data + sizeof(magic) - 1, *end = data + len;
	if (parse_headers(job, &p, end, err) < 0)
		return -1;
	if (job->zone[0] == '\0' && ops[job->op].zone)
		return err_set(err, "no zone");
	if (job->target[0] == '\0' && job->op == JOB_RESEND)
		return err_set(err, "no target");
	if (job->source[0] == '\0')
		return err_set(err, "no source");
	if (!ops[job->op].text)
		return p == end ? 0 : err_set(err, "it has a text, which this op does not take");
	job->text_len = (size_t)(end - p);
	job->text = job->owned = mem_dupn(p, job->text_len);
	return 0;
}

void job_free(struct job *job)
{
	free(job->owned);
	free(job->owned_mine);
	*job = (struct job){0};
}
