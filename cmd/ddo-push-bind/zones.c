/* zones: what named has, and from where. */
#include <string.h>

#include "bind.h"

int bind_tell(struct bind *b, const char *verb, const char *zone, const char *tail,
    struct buf *text, struct err *err)
{
	struct buf command = {0};
	/* To delzone -c and -clean are options, quoted or not. */
	bool option = zone[0] == '-' && strcmp(verb, "delzone") == 0;
	buf_addf(&command, "%s \"%s%s\"", verb, zone, option ? "." : "");
	if (b->view != NULL)
		buf_addf(&command, " IN %s", b->view);
	if (tail != NULL)
		buf_addf(&command, " %s", tail);
	int r = control_command(b->control, buf_str(&command), text, err);
	buf_free(&command);
	return r;
}

int bind_loaded(struct bind *b, const char *zone, char out[64], struct err *err)
{
	struct buf text = {0};
	int r = bind_tell(b, "zonestatus", zone, NULL, &text, err);
	const char *line = r == 0 ? strstr(buf_str(&text), "\nlast loaded: ") : NULL;
	if (line != NULL)
		line += strlen("\nlast loaded: ");
	snprintf(
	    out, 64, "%.*s", line == NULL ? 0 : (int)strcspn(line, "\n"), line == NULL ? "" : line);
	buf_free(&text);
	return r < 0 ? -1 : 0;
}

/* The time of loading is the proof. */
int bind_shows(struct primary *p, const struct work *w, struct err *err)
{
	char loaded[64];
	if (w == NULL) /* named does not tell when it is done */
		return 0;
	if (w->state == WORK_PLANNED)
		return 1;
	if (bind_loaded((struct bind *)p, w->item->name, loaded, err) < 0)
		return -1;
	return loaded[0] != '\0' && strcmp(loaded, w->before) != 0;
}

int bind_ask_owner(struct bind *b, const struct work *w, struct err *err)
{
	struct buf text = {0}, path = {0};
	/* showzone knows only views that allow new zones; zonestatus only zones that loaded. */
	const char *verb = b->p.list == NULL ? "showzone" : "zonestatus";
	struct err why;
	zonefile_path(b->p.zones_dir, w->file, &path);
	int r = bind_tell(b, verb, w->item->name, NULL, &text, &why);
	bool ours = strstr(buf_str(&text), buf_str(&path)) != NULL;
	bool nobody = r > 0 && (b->p.list == NULL || strstr(why.text, "not found") != NULL);
	buf_free(&text);
	buf_free(&path);
	if (r < 0)
		return err_set(err, "%s", why.text);
	return nobody ? OWNER_NOBODY : ours ? OWNER_US : OWNER_OTHER;
}

/* A put does not ask named about a zone that has a file of ours.  A del does: it is final. */
int bind_owner(struct primary *p, const struct work *w, struct err *err)
{
	struct bind *b = (struct bind *)p;
	bool has_file = zonefile_exists(p->dir, w->file, "");
	bool unserved = w->answer.state == DNSQ_NOTSERVED;
	if (p->list == NULL && has_file && w->item->zone != NULL)
		return OWNER_US;
	if (p->list == NULL)
		return unserved && !has_file ? OWNER_NOBODY : bind_ask_owner(b, w, err);
	if (include_file(p->list, w->item->name) != NULL)
		return include_elsewhere(p->list, p, w) ? OWNER_US_ELSEWHERE : OWNER_US;
	if (unserved)
		return OWNER_NOBODY;
	/* With FILE, but not in the list: a ddo-push-bind died before it told named. */
	int owner = bind_ask_owner(b, w, err);
	return owner == OWNER_US ? OWNER_US_ELSEWHERE : owner;
}
