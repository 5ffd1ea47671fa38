/* What named has, and from where. */
#include <string.h>

#include "bind.h"

int bind_ready(struct primary *p, struct err *err)
{
	struct bind *b = (struct bind *)p;
	return b->include != NULL ? include_read(b->include, err) : 0;
}

int bind_file(struct primary *p, const char *zone, char out[NAME_FILE_SIZE], struct err *err)
{
	(void)p;
	(void)err;
	name_to_file(zone, out);
	return 0;
}

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
	int r = control_run(b->control, buf_str(&command), text, err);
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

int bind_mark(struct primary *p, struct primary_work *w, struct err *err)
{
	return bind_loaded((struct bind *)p, w->item->name, w->mark, err);
}

/* The time of loading is the proof. */
int bind_shows(struct primary *p, const struct primary_work *w, struct err *err)
{
	char loaded[64];
	if (bind_loaded((struct bind *)p, w->item->name, loaded, err) < 0)
		return -1;
	return loaded[0] != '\0' && strcmp(loaded, w->mark) != 0;
}

int bind_owner(struct bind *b, const struct primary_work *w, struct err *err)
{
	struct buf text = {0}, path = {0};
	/* showzone knows only views that allow new zones; zonestatus fails for what is not loaded.
	 */
	const char *verb = b->include == NULL ? "showzone" : "zonestatus";
	struct err why;
	primary_path(&b->p, w->file, &path);
	int r = bind_tell(b, verb, w->item->name, NULL, &text, &why);
	bool ours = strstr(buf_str(&text), buf_str(&path)) != NULL;
	bool nobody = r > 0 && (b->include == NULL || strstr(why.text, "not found") != NULL);
	buf_free(&text);
	buf_free(&path);
	if (r < 0)
		return err_set(err, "%s", why.text);
	return nobody ? OWNER_NOBODY : ours ? OWNER_US : OWNER_OTHER;
}

/* As bind_owner(), asking named only where its answer counts: a put need not ask about a zone that
 * has a file of ours, a del does, for it cannot be undone. */
int bind_owner_of(
    struct primary *p, const struct primary_work *w, const struct dnsq_item *a, struct err *err)
{
	struct bind *b = (struct bind *)p;
	bool has_file = b->include == NULL && primary_has_file(p, w);
	if ((b->include != NULL && include_file(b->include, w->item->name) != NULL) ||
	    (has_file && w->item->zone != NULL))
		return OWNER_US;
	return a->state == DNSQ_NOTSERVED && !has_file ? OWNER_NOBODY : bind_owner(b, w, err);
}

bool bind_elsewhere(struct primary *p, const struct primary_work *w)
{
	const struct bind *b = (const struct bind *)p;
	return b->include != NULL && include_elsewhere(b->include, p, w);
}
