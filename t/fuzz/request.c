/* request: from a request's head and body to an answer and to jobs.
 *
 * The input is the method, the target, X-Forwarded-For and Authorization, a line each, then the
 * body.  An empty Authorization line stands for the right one.  Always: there is an answer that can
 * be rendered; error=0 to a save or a delete means whole jobs; anything else means none. */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/msg.h"
#include "client.h"
#include "routes.h"

#define RIGHT "Basic ZGE6cw==" /* da:s */

static struct api api;

static void set_up(void)
{
	static char dir[] = "/dev/shm/ddo-fuzz.XXXXXX";
	char path[64];
	struct conf *conf;
	struct err err;
	struct buf text = {0};
	HOLDS(mkdtemp(dir) != NULL);
	buf_addf(&text,
	    "queue_location: %s/spool\nrun_dir: %s\ndatastore: { db_location: %s/zones.db }\n"
	    "app: { auth_username: da, auth_password: s, login_failures: 0, disk_reserve_bytes: 0,"
	    " max_queue: 50, max_body_bytes: 65536, proxy_support: true }\n",
	    dir, dir, dir);
	snprintf(path, sizeof(path), "%s/app.yml", dir);
	HOLDS(file_write_tmp(AT_FDCWD, path, 0600, text.data, text.len, &err) == 0);
	HOLDS(conf_load(&conf, path, &err) == 0 && api_open(&api, conf, &err) == 0);
	msg_set_level((enum msg_level) - 1);
	buf_free(&text);
}

/* Takes all jobs from spool/new, which must be whole.  Returns how many of them change a zone. */
static size_t take_jobs(void)
{
	uint64_t *seqs;
	size_t count, changes = 0;
	struct err err;
	HOLDS(spool_scan(api.spool, &seqs, &count, &err) == 0);
	for (size_t i = 0; i < count; i++) {
		struct job job;
		HOLDS(spool_load(api.spool, seqs[i], &job, &err) == 0);
		HOLDS(job.zone[0] != '\0' && strcmp(job.source, "push") == 0);
		changes += job.op != JOB_REFUSED;
		HOLDS(job.op != JOB_REFUSED || job.reason[0] != '\0');
		job_free(&job);
		HOLDS(spool_done(api.spool, seqs[i], &err) == 0);
	}
	free(seqs);
	return changes;
}

static char *cut_line(char **text)
{
	char *line = *text, *end = strchr(line, '\n');
	if (end == NULL) {
		*text = line + strlen(line);
	} else {
		*end = '\0';
		*text = end + 1;
	}
	return line;
}

static void check(const struct api_request *req, const struct answer *a, size_t jobs)
{
	struct buf rendered = {0};
	HOLDS(a->status >= 200 && a->status < 600);
	answer_render(a, "HTTP/1.1 ", true, strcmp(req->method, "HEAD") == 0, &rendered);
	const char *end = strstr(buf_str(&rendered), "\r\n\r\n");
	HOLDS(end != NULL);
	for (const char *p = rendered.data; p < end; p++) /* no header line that the client made */
		HOLDS(*p != '\n' || p[-1] == '\r');
	HOLDS(strstr(rendered.data, "X-Evil") == NULL || strstr(rendered.data, "X-Evil") > end);
	if (jobs > 0)
		HOLDS(a->status == 200 && strcmp(buf_str(&a->body), "error=0") == 0);
	buf_free(&rendered);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (api.conf == NULL)
		set_up();
	char *text = malloc(size + 1), *rest = text, client[CLIENT_SIZE];
	memcpy(text, data, size);
	text[size] = '\0';
	struct api_request req = {.method = cut_line(&rest)};
	char *target = cut_line(&rest), *question = strchr(target, '?');
	client_find(api.conf, "127.0.0.1", cut_line(&rest), client);
	HOLDS(client[0] != '\0');
	char *authorization = cut_line(&rest);
	req.authorization = authorization[0] == '\0' ? RIGHT : authorization;
	req.client = client;
	req.query = question == NULL ? "" : question + 1;
	if (question != NULL)
		*question = '\0';
	req.path = target;
	req.agent = authorization;
	req.body = rest;
	req.body_len = req.length = (size_t)(text + size - rest);
	struct answer a;
	bool welcome = !routes_head(&api, &req, &a);
	if (welcome)
		routes_call(&api, &req, &a);
	size_t jobs = take_jobs();
	HOLDS(welcome || jobs == 0);
	check(&req, &a, jobs);
	buf_free(&a.body);
	free(text);
	return 0;
}
