/* direct: a DirectDNSOnly: its database, lists, zone files and queues. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "database.h"
#include "layout.h"
#include "old.h"
#include "queue.h"
#include "sources.h"
#include "zonefile.h"

/* A text of an item for free(), "" when there is none.  No name or host has a '?'. */
static char *word_of(const struct pickle_value *item, const char *key)
{
	const struct pickle_value *v = pickle_get(item, key);
	if (v == NULL || v->kind != PICKLE_TEXT)
		return mem_dup("");
	char *word = mem_dupn(v->text, v->len);
	for (char *nul; (nul = memchr(word, '\0', v->len)) != NULL;)
		*nul = '?';
	return word;
}

/* 1.0.9 wraps its items. */
static const struct pickle_value *unwrapped(const struct pickle_value *item)
{
	const struct pickle_value *payload = pickle_get(item, "payload");
	return payload == NULL ? item : payload;
}

/* DirectDNSOnly puts a retry that is due, and what its reconciler heals, back into the queue of
 * saves, behind newer saves.  So their place there says nothing about their age. */
static enum plan_source source_of(const struct pickle_value *item)
{
	if (pickle_get(item, "source") != NULL || pickle_get(item, "failed_backends") != NULL ||
	    pickle_get(item, "retry_count") != NULL)
		return FROM_RETRY;
	return FROM_SAVE;
}

static void take_put(
    struct plan *p, const struct pickle_value *item, enum plan_source source, const char *where)
{
	char *domain = word_of(item, "domain");
	const struct pickle_value *text = pickle_get(item, "zone_file");
	if (domain[0] == '\0' || text == NULL || text->kind != PICKLE_TEXT) {
		plan_line(p, PLAN_FAILED, domain, where, "the item is no save of a zone");
		free(domain);
		return;
	}
	struct plan_zone *z = plan_know(p, domain, strlen(domain), where);
	if (z != NULL && plan_offer(p, z, source, where, text->text, text->len) == 0) {
		char *host = word_of(item, "hostname"), *user = word_of(item, "username");
		plan_own(p, z, source, host, user, where);
		free(host);
		free(user);
	}
	free(domain);
}

static void take_save(void *arg, const struct pickle_value *item, const char *where)
{
	item = unwrapped(item);
	take_put(arg, item, source_of(item), where);
}

static void take_retry(void *arg, const struct pickle_value *item, const char *where)
{
	take_put(arg, unwrapped(item), FROM_RETRY, where);
}

static void take_delete(void *arg, const struct pickle_value *item, const char *where)
{
	item = unwrapped(item);
	char *domain = word_of(item, "domain"), *host = word_of(item, "hostname");
	plan_line(arg, domain[0] == '\0' ? PLAN_FAILED : PLAN_HELD, domain, where,
	    domain[0] == '\0' ? "the item is no delete of a zone%s%s"
			      : "a waiting delete%s%s is not carried out",
	    host[0] == '\0' ? "" : " by ", host);
	free(domain);
	free(host);
}

static size_t read_queues(struct plan *p, const char *dir)
{
	static const struct {
		const char *name;
		void (*take)(void *arg, const struct pickle_value *item, const char *where);
	} queues[] = {{"retry", take_retry}, {"save", take_save}, {"rawsave", take_save},
	    {"delete", take_delete}};
	size_t found = 0;
	for (size_t i = 0; i < sizeof(queues) / sizeof(queues[0]); i++) {
		char *path = old_path(dir, queues[i].name);
		if (old_is_dir(path)) {
			found++;
			queue_read(p, path, queues[i].take, p);
		}
		free(path);
	}
	return found;
}

static bool is_same(const char *a, const char *b)
{
	struct stat x, y;
	return a != NULL && stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* ddo that uses the old files would change them, and could not be undone. */
static int check_apart(const struct plan *p, const struct layout *l, struct err *err)
{
	const char *key = is_same(l->database, p->conf->db_path)   ? "datastore.db_location"
			  : is_same(l->queues, p->conf->spool_dir) ? "queue_location"
								   : NULL;
	if (key == NULL)
		return 0;
	err_set(
	    err, "%s: %s is what DirectDNSOnly uses; give ddo one of its own", p->conf->file, key);
	return SOURCE_CONFLICT;
}

int direct_read(struct plan *p, const char *operand, const char *environment, struct err *err)
{
	struct layout l;
	if (layout_find(&l, operand, environment, err) < 0)
		return -1;
	if (check_apart(p, &l, err) < 0)
		return SOURCE_CONFLICT;
	if (l.config != NULL)
		plan_line(p, PLAN_READ, NULL, l.config, "the configuration");
	if (l.database != NULL) {
		int r = database_read(p, l.database, err);
		if (r != 0)
			return r;
	}
	bool known = l.database != NULL;
	for (size_t i = 0; i < l.nplaces; i++) {
		if (l.places[i].list != NULL && !old_is_dir(l.places[i].list)) {
			zonefile_list(p, l.places[i].list);
			known = true;
		}
	}
	size_t found = known;
	for (size_t i = 0; i < l.nplaces; i++) {
		if (l.places[i].zones != NULL && old_is_dir(l.places[i].zones)) {
			zonefile_dir(p, l.places[i].zones, known);
			found++;
		}
	}
	if (l.queues != NULL)
		found += read_queues(p, l.queues);
	if (found == 0)
		return err_set(
		    err, "%s: no DirectDNSOnly: no database, list, zone files or queue", operand);
	if (l.database == NULL)
		plan_line(p, PLAN_LEFT, NULL, operand, "no database: no zone has an owner");
	return 0;
}
