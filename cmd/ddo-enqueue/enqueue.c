/* enqueue: checks the changes that ddo-enqueue gets and commits them to the spool. */
#include "enqueue.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/msg.h"
#include "conf/door.h"
#include "store/refusal.h"

enum enqueue_result enqueue_open(
    struct enqueue *e, const char *origin, const char *user, struct err *err)
{
	memcpy(e->who.source, "manual", sizeof("manual"));
	if (origin != NULL && name_normalize_host(origin, strlen(origin), e->who.origin, err) < 0)
		return ENQUEUE_REFUSED;
	if (user != NULL && name_check_user(user, strlen(user), e->who.user, err) < 0)
		return ENQUEUE_REFUSED;
	return ENQUEUE_OK;
}

enum enqueue_result enqueue_put(
    struct enqueue *e, const char *zone, const char *text, size_t len, struct err *err)
{
	struct job job = e->who;
	struct zone *parsed;
	job.op = JOB_PUT;
	job.text = text;
	job.text_len = len;
	if (name_normalize(zone, strlen(zone), job.zone, err) < 0 ||
	    door_parse(e->conf, job.zone, text, len, &parsed, err) < 0)
		return ENQUEUE_REFUSED;
	if (zone_left_out(parsed, err))
		msg_warn("%s: %s", job.zone, err->text);
	zone_free(parsed);
	job_stamp(&job);
	return spool_commit(e->spool, &job, 1, err) < 0 ? ENQUEUE_LATER : ENQUEUE_OK;
}

enum enqueue_result enqueue_del(
    struct enqueue *e, char *const *zones, size_t count, struct err *err)
{
	struct job *jobs = mem_alloc(count * sizeof(*jobs));
	enum enqueue_result r = ENQUEUE_OK;
	for (size_t i = 0; r == ENQUEUE_OK && i < count; i++) {
		jobs[i] = e->who;
		jobs[i].op = JOB_DEL;
		job_stamp(&jobs[i]);
		struct err why;
		if (name_normalize(zones[i], strlen(zones[i]), jobs[i].zone, &why) < 0) {
			err_set(err, "%s: %s", zones[i], why.text);
			r = ENQUEUE_REFUSED;
		}
	}
	if (r == ENQUEUE_OK && spool_commit(e->spool, jobs, count, err) < 0)
		r = ENQUEUE_LATER;
	free(jobs);
	return r;
}

enum enqueue_result enqueue_decide(
    struct enqueue *e, enum job_op op, const char *zone, struct err *err)
{
	struct store *store;
	struct store_refusal r;
	struct job job = e->who;
	job.op = op;
	if (name_normalize(zone, strlen(zone), job.zone, err) < 0)
		return ENQUEUE_REFUSED;
	if (store_open(&store, e->conf->db_path, STORE_READ, err) < 0)
		return ENQUEUE_LATER;
	int found = store_refusal(store, job.zone, &r, NULL, err);
	store_close(store);
	if (found < 0)
		return ENQUEUE_LATER;
	if (found == 0 || (op == JOB_ALLOW && r.held == 0)) {
		err_set(err, op == JOB_ALLOW ? "ddo holds no text of this zone"
					     : "no push of this zone was refused");
		return ENQUEUE_REFUSED;
	}
	job_stamp(&job);
	return spool_commit(e->spool, &job, 1, err) < 0 ? ENQUEUE_LATER : ENQUEUE_OK;
}

static enum enqueue_result put_file(
    struct enqueue *e, const char *zone, const char *file, struct err *err)
{
	struct buf text = {0};
	char name[NAME_FILE_SIZE], normal[NAME_SIZE];
	if (name_normalize(zone, strlen(zone), normal, err) < 0)
		return ENQUEUE_REFUSED;
	name_to_file(normal, name);
	enum enqueue_result r = ENQUEUE_REFUSED;
	if (file_read(AT_FDCWD, file[0] == '\0' ? name : file, &text, e->conf->max_body, err) == 0)
		r = enqueue_put(e, zone, buf_str(&text), text.len, err);
	buf_free(&text);
	return r;
}

static enum enqueue_result one_line(
    struct enqueue *e, const char *verb, char *zone, const char *file, struct err *err)
{
	if (zone[0] == '\0')
		err_set(err, "expected \"put ZONE [FILE]\" or \"del ZONE\"");
	else if (strcmp(verb, "put") == 0)
		return put_file(e, zone, file, err);
	else if (strcmp(verb, "del") == 0 && file[0] == '\0')
		return enqueue_del(e, &zone, 1, err);
	else
		err_set(err, "expected \"put ZONE [FILE]\" or \"del ZONE\"");
	return ENQUEUE_REFUSED;
}

/* Cuts the next word off *at.  The rest keeps its blanks: a file name may contain them. */
static char *next_word(char **at)
{
	char *word = *at + strspn(*at, " \t");
	char *end = word + strcspn(word, " \t");
	*at = *end == '\0' ? end : end + 1;
	*end = '\0';
	return word;
}

int enqueue_batch(struct enqueue *e, FILE *in, FILE *out)
{
	char *line = NULL;
	size_t size = 0;
	int code = 0;
	for (ssize_t len; (len = getline(&line, &size, in)) >= 0;) {
		if (len > 0 && line[len - 1] == '\n')
			line[--len] = '\0';
		for (char *nul; (nul = memchr(line, '\0', (size_t)len)) != NULL;)
			*nul = '?'; /* no name has one: the line is refused, not cut short */
		char *at = line;
		char *verb = next_word(&at);
		if (verb[0] == '\0' || verb[0] == '#')
			continue;
		char *zone = next_word(&at);
		char *file = at + strspn(at, " \t");
		struct err err;
		enum enqueue_result r = one_line(e, verb, zone, file, &err);
		err_clean(zone);
		if (r == ENQUEUE_OK)
			fprintf(out, "ok %s\n", zone);
		else
			fprintf(out, "fail %s %s\n", zone, err.text);
		fflush(out); /* the writer may wait for each answer */
		if (r == ENQUEUE_LATER)
			code = EX_TEMPFAIL;
		else if (r == ENQUEUE_REFUSED && code == 0)
			code = EX_DATAERR;
	}
	free(line);
	return ferror(in) || ferror(out) ? EX_IOERR : code;
}
