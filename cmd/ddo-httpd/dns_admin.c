/* dns_admin: CMD_API_DNS_ADMIN, the calls that ask for zones and change them. */
#include "dns_admin.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/msg.h"
#include "base/url.h"
#include "client.h"
#include "conf/door.h"
#include "intake.h"
#include "store/store.h"

#define MAX_DELETES 10000

struct call {
	struct api *api;
	const struct api_request *req;
	struct answer *out;
	struct url_form query;
	struct url_form form; /* of the body; empty when that is no form */
	const char *op;       /* for the log */
	struct job job;       /* the part that all jobs of this call share */
	struct buf mine;      /* job.mine */
	struct err warning;   /* of a push that is accepted all the same; "": none */
};

/* The query counts before the body, the first of several parameters before the others.  An empty
 * one counts as absent. */
static const struct url_pair *get(const struct call *c, const char *name)
{
	const struct url_pair *p = url_find(&c->query, name);
	if (p == NULL || p->value_len == 0)
		p = url_find(&c->form, name);
	return p == NULL || p->value_len == 0 ? NULL : p;
}

static bool is(const struct url_pair *p, const char *value)
{
	return p != NULL && strlen(value) == p->value_len &&
	       memcmp(p->value, value, p->value_len) == 0;
}

/* Each push leaves one line, this one. */
static void log_push(const struct call *c, const struct job *job, const char *zone, size_t zone_len,
    const char *result, const char *why)
{
	char agent[65], name[NAME_SIZE], reason[256];
	const char *raw = c->req->agent == NULL ? "" : c->req->agent;
	err_word(raw, strlen(raw), agent, sizeof(agent));
	err_word(zone, zone_len, name, sizeof(name));
	snprintf(reason, sizeof(reason), "%s", why);
	for (char *p = reason; *p != '\0'; p++) {
		if (*p == '"')
			*p = '\'';
	}
	(why[0] == '\0' ? msg_info : msg_warn)(
	    "push op=%s zone=%s result=%s bytes=%zu origin=%s user=%s client=%s login=%s "
	    "agent=\"%s\"%s%s%s",
	    c->op, name, result, job->text_len, job->origin[0] == '\0' ? "-" : job->origin,
	    job->user[0] == '\0' ? "-" : job->user, client_shown(c->req->client), c->req->login,
	    agent, why[0] == '\0' ? "" : " why=\"", reason, why[0] == '\0' ? "" : "\"");
}

/* A refusal has status 200: DirectAdmin and scripts around it read error= and its reason, but some
 * do not read the body of another status.  If the job has a zone, the reason is kept for it. */
static void refuse(struct call *c, const struct url_pair *zone, const char *text, const char *why)
{
	log_push(c, &c->job, zone == NULL ? "" : zone->value, zone == NULL ? 0 : zone->value_len,
	    "refused", why);
	shared_add(c->api->shared, COUNT_REFUSED, 1);
	answer_fail(c->out, 200, text, why);
	if (c->job.zone[0] != '\0')
		intake_refusal(c->api, &c->job, why);
}

static bool may_speak_for(const struct conf_login *as, const char *origin)
{
	for (size_t i = 0; i < as->norigins; i++) {
		if (strcmp(as->origins[i], origin) == 0)
			return true;
	}
	return as->norigins == 0;
}

static int read_zone(struct call *c, const struct url_pair *domain, struct err *err)
{
	char name[NAME_SIZE];
	if (name_normalize(domain->value, domain->value_len, name, err) < 0)
		return -1;
	snprintf(c->job.zone, sizeof(c->job.zone), "%s", name);
	return 0;
}

/* Reads hostname= and username=.  Without hostname= the origin is the first host that the login may
 * speak for; if there is none, it is the client's address. */
static int read_origin(struct call *c, struct err *err)
{
	const struct url_pair *host = get(c, "hostname"), *user = get(c, "username");
	const struct conf_login *as = c->req->as;
	struct job *job = &c->job;
	struct err why;
	snprintf(job->source, sizeof(job->source), "push");
	snprintf(job->client, sizeof(job->client), "%s", c->req->client);
	if (host == NULL)
		snprintf(job->origin, sizeof(job->origin), "%s",
		    as->norigins > 0 ? as->origins[0] : c->req->client);
	else if (name_normalize_host(host->value, host->value_len, job->origin, &why) < 0) {
		job->origin[0] = '\0';
		return err_set(err, "hostname: %s", why.text);
	}
	for (size_t i = 0; as->owned && i < as->norigins; i++)
		buf_addf(&c->mine, "%s%s", i == 0 ? "" : " ", as->origins[i]);
	job->mine = as->owned ? buf_str(&c->mine) : NULL;
	if (!may_speak_for(as, job->origin))
		return err_set(err, "hostname: this login may not speak for %s", job->origin);
	if (user != NULL && name_check_user(user->value, user->value_len, job->user, &why) < 0)
		return err_set(err, "username: %s", why.text);
	return 0;
}

/* Answers error=0 only when all jobs are durable. */
static void commit(struct call *c, struct job *jobs, size_t count)
{
	struct err err;
	uint64_t bytes = 0;
	for (size_t i = 0; i < count; i++) {
		job_stamp(&jobs[i]);
		bytes += jobs[i].text_len;
	}
	int r = intake_room(c->api, count, bytes, &err);
	if (r == 0)
		r = spool_commit(c->api->spool, jobs, count, &err);
	for (size_t i = 0; i < count; i++)
		log_push(c, &jobs[i], jobs[i].zone, strlen(jobs[i].zone),
		    r == 0 ? "accepted" : "failed", r == 0 ? c->warning.text : err.text);
	shared_add(c->api->shared, r == 0 ? COUNT_ACCEPTED : COUNT_FAILED, count);
	if (r == 0)
		answer_ok(c->out, "error=0");
	if (r == 0 && c->warning.text[0] != '\0') {
		buf_adds(&c->out->body, "&warning=");
		url_encode(&c->out->body, c->warning.text);
	}
	if (r < 0)
		answer_fail(c->out, 503, "Not accepted", err.text);
}

/* Opened for each request, so that it needs no lock, and a replaced database is noticed.  1; 0:
 * there is none yet, ddo-queue has never run; -1. */
static int open_store(struct api *api, struct store **out, struct err *err)
{
	const char *path = api->conf->db_path;
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	return store_open(out, path, STORE_READ, err) < 0 ? -1 : 1;
}

/* True: the zone belongs to another host and this login must not take it; `why` says so.  When the
 * store cannot be read it is false: ddo-queue decides anyway. */
static bool is_foreign(struct call *c, struct err *why)
{
	struct store *store;
	struct store_owner owner;
	struct err err;
	if (c->job.mine == NULL)
		return false;
	int r = open_store(c->api, &store, &err);
	if (r > 0) {
		r = store_owner(store, c->job.zone, &owner, &err);
		store_close(store);
	}
	if (r < 0)
		msg_error("cannot find the owner of %s: %s", c->job.zone, err.text);
	if (r <= 0 || door_owns(c->api->conf, c->job.mine, owner.origin))
		return false;
	err_set(why, "%s owns %s; the operator of these name servers can allow the change",
	    owner.origin[0] == '\0' ? "no known server" : owner.origin, c->job.zone);
	return true;
}

/* ddo-queue decides, and keeps the text for an operator.  Whether or not that works, the admin of
 * DirectAdmin learns that the zone is not served as saved. */
static void hold(struct call *c, const char *why)
{
	struct err err;
	job_stamp(&c->job);
	int r = intake_room(c->api, 1, c->job.text_len, &err);
	if (r == 0)
		r = spool_commit(c->api->spool, &c->job, 1, &err);
	if (r < 0)
		msg_error("cannot hold the text of %s: %s", c->job.zone, err.text);
	log_push(c, &c->job, c->job.zone, strlen(c->job.zone), "held", why);
	shared_add(c->api->shared, COUNT_REFUSED, 1);
	answer_fail(c->out, 200, "Zone held", why);
}

/* A rawsave without text says that the zone exists and should be pulled; it never empties one. */
static void save(struct call *c, const char *text, size_t len)
{
	const struct url_pair *domain = get(c, "domain");
	struct zone *zone = NULL;
	struct err err;
	c->op = len == 0 ? "wanted" : "put";
	c->job.op = len == 0 ? JOB_WANTED : JOB_PUT;
	c->job.text = text;
	c->job.text_len = len;
	if (domain == NULL) {
		refuse(c, NULL, "No domain given", "domain= is missing or empty");
	} else if (read_zone(c, domain, &err) < 0 || read_origin(c, &err) < 0) {
		refuse(c, domain, "Invalid request", err.text);
	} else if (door_name(c->api->conf, c->job.zone, &err) < 0 ||
		   (len > 0 && door_parse(c->api->conf, c->job.zone, text, len, &zone, &err) < 0)) {
		refuse(c, domain, "Zone refused", err.text);
	} else {
		if (zone != NULL)
			zone_left_out(zone, &c->warning);
		zone_free(zone);
		if (!is_foreign(c, &err))
			commit(c, &c->job, 1);
		else if (len > 0)
			hold(c, err.text);
		else
			refuse(c, domain, "Zone refused", err.text);
	}
}

/* With action=rawsave in the query the body is the zone, whatever Content-Type says, unless it is a
 * form: then the zone is in zone_file=, or there is none. */
static void save_by_query(struct call *c)
{
	const struct url_pair *file = url_find(&c->form, "zone_file");
	if (file != NULL)
		save(c, file->value, file->value_len);
	else if (url_find(&c->form, "action") != NULL || url_find(&c->form, "domain") != NULL ||
		 url_find(&c->form, "hostname") != NULL)
		save(c, "", 0);
	else
		save(c, c->req->body, c->req->body_len);
}

static void save_by_form(struct call *c)
{
	const struct url_pair *file = get(c, "zone_file");
	save(c, file == NULL ? "" : file->value, file == NULL ? 0 : file->value_len);
}

static bool names_a_zone(const struct url_pair *p)
{
	static const char select[] = "select";
	const size_t len = sizeof(select) - 1;
	if (p->value_len == 0)
		return false;
	if (p->name_len == 6 && memcmp(p->name, "domain", 6) == 0)
		return true;
	if (p->name_len <= len || memcmp(p->name, select, len) != 0)
		return false;
	for (size_t i = len; i < p->name_len; i++) {
		if (!isdigit((unsigned char)p->name[i]))
			return false;
	}
	return true;
}

static int compare_zones(const void *a, const void *b)
{
	return strcmp(((const struct job *)a)->zone, ((const struct job *)b)->zone);
}

static size_t unique(struct job *jobs, size_t count)
{
	size_t n = 0;
	qsort(jobs, count, sizeof(*jobs), compare_zones);
	for (size_t i = 0; i < count; i++) {
		if (n == 0 || strcmp(jobs[n - 1].zone, jobs[i].zone) != 0)
			jobs[n++] = jobs[i];
	}
	return n;
}

/* Appends a job for each zone that `f` names.  -1: *bad is not a valid name. */
static int add_deletes(const struct call *c, const struct url_form *f, struct job **jobs,
    size_t *count, const struct url_pair **bad, struct err *err)
{
	for (size_t i = 0; i < f->count; i++) {
		*bad = &f->pairs[i];
		if (!names_a_zone(*bad))
			continue;
		if (*count == MAX_DELETES)
			return err_set(err, "more than %d zones at once", MAX_DELETES);
		if ((*count & (*count + 1)) == 0)
			*jobs = mem_resize(*jobs, 2 * (*count + 1), sizeof(**jobs));
		struct job *job = &(*jobs)[*count];
		*job = c->job;
		if (name_normalize((*bad)->value, (*bad)->value_len, job->zone, err) < 0)
			return -1;
		(*count)++;
	}
	return 0;
}

static void delete_zones(struct call *c)
{
	struct job *jobs = NULL;
	size_t count = 0;
	const struct url_pair *bad = NULL;
	struct err err;
	c->op = "del";
	c->job.op = JOB_DEL;
	if (read_origin(c, &err) < 0)
		refuse(c, NULL, "Invalid request", err.text);
	else if (add_deletes(c, &c->query, &jobs, &count, &bad, &err) < 0 ||
		 add_deletes(c, &c->form, &jobs, &count, &bad, &err) < 0)
		refuse(c, bad, "Invalid request", err.text);
	else if (count == 0)
		refuse(c, NULL, "No domain given", "domain= and select0= are both missing");
	else
		commit(c, jobs, unique(jobs, count));
	free(jobs);
}

static void answer_exists(struct call *c, bool parent, const struct store_owner *owner)
{
	struct buf *b = &c->out->body;
	answer_ok(c->out, "error=0&exists=");
	if (parent && c->api->conf->check_subdomain_owner) {
		buf_adds(b, "3&hostname=");
		url_encode(b, owner->origin);
		buf_adds(b, "&username=");
		url_encode(b, owner->user);
		return;
	}
	buf_adds(b, parent ? "2&details=Parent+Domain+exists+on+" : "1&details=Domain+exists+on+");
	url_encode(b, owner->origin);
}

static void find_zone(struct call *c)
{
	const struct url_pair *domain = get(c, "domain"),
			      *check = get(c, "check_for_parent_domain");
	bool parents = is(check, "true") || is(check, "1") || is(check, "yes") || is(check, "on");
	char name[NAME_SIZE];
	struct store *store;
	struct store_owner owner;
	struct err err;
	if (domain == NULL) {
		answer_fail(c->out, 200, "No domain given", "domain= is missing or empty");
		return;
	}
	if (name_normalize(domain->value, domain->value_len, name, &err) < 0) {
		answer_fail(c->out, 200, "Invalid request", err.text);
		return;
	}
	const char *at = name;
	int there = open_store(c->api, &store, &err);
	int r = there > 0 ? store_owner(store, at, &owner, &err) : there;
	while (there > 0 && r == 0 && parents && (at = name_parent(at)) != NULL)
		r = store_owner(store, at, &owner, &err);
	if (there > 0)
		store_close(store);
	if (r > 0)
		answer_exists(c, at != name, &owner);
	else if (r == 0)
		answer_ok(c->out, "error=0&exists=0");
	else {
		msg_error("cannot look up %s: %s", name, err.text);
		answer_fail(c->out, 503, "Try again later", "ddo cannot read its store");
	}
}

static void dispatch(struct call *c)
{
	const struct url_pair *action = get(c, "action");
	bool head = strcmp(c->req->method, "HEAD") == 0;
	if (action == NULL && c->req->body_len > 0 && c->form.count == 0) {
		answer_fail(c->out, 200, "Invalid request",
		    "the query has no action, and the body is not an urlencoded form");
	} else if (action == NULL) {
		answer_ok(c->out, "error=0&text=OK");
	} else if (is(action, "exists")) {
		find_zone(c);
	} else if (!is(action, "rawsave") && !is(action, "delete")) {
		answer_fail(c->out, 200, "Unknown action", "use exists, rawsave or delete");
	} else if (head) {
		answer_fail(c->out, 405, "Method not allowed", "HEAD cannot change a zone");
		c->out->value = "GET, POST";
	} else if (is(action, "delete")) {
		delete_zones(c);
	} else if (is(url_find(&c->query, "action"), "rawsave")) {
		save_by_query(c);
	} else {
		save_by_form(c);
	}
}

void dns_admin(struct api *api, const struct api_request *req, struct answer *out)
{
	struct call c = {.api = api, .req = req, .out = out};
	struct err err;
	int r = url_parse(&c.query, req->query, strlen(req->query), &err);
	if (r == 0 && url_is_form(req->body, req->body_len))
		r = url_parse(&c.form, req->body, req->body_len, &err);
	if (r == 0)
		dispatch(&c);
	else
		answer_fail(out, 200, "Invalid request", err.text);
	url_free(&c.query);
	url_free(&c.form);
	buf_free(&c.mine);
}

void dns_admin_too_large(struct api *api, const struct api_request *req, const char *why)
{
	struct call c = {.api = api, .req = req};
	struct err err;
	if (url_parse(&c.query, req->query, strlen(req->query), &err) == 0 &&
	    is(url_find(&c.query, "action"), "rawsave")) {
		const struct url_pair *domain = get(&c, "domain");
		if (domain != NULL && read_zone(&c, domain, &err) == 0) {
			(void)read_origin(&c, &err); /* as much as is valid */
			intake_refusal(api, &c.job, why);
		}
	}
	url_free(&c.query);
	buf_free(&c.mine);
}
