/* bind: what the parts of ddo-push-bind share. */
#ifndef DDO_BIND_BIND_H
#define DDO_BIND_BIND_H

#include "control.h"
#include "push/files/include.h"
#include "push/files/primary.h"

struct bind {
	struct primary p; /* first: its functions get this */
	const char *view, *checkzone;
	struct control *control;
	struct include *include; /* NULL: mode addzone */
};

/* One command about a zone: "reload ZONE" or, with a view, "reload ZONE IN VIEW", and `tail`. As
 * control_run(). */
int bind_tell(struct bind *b, const char *verb, const char *zone, const char *tail,
    struct buf *text, struct err *err);

/* When named loaded the zone, in its own words; "" when it does not say.  -1: named is gone. */
int bind_loaded(struct bind *b, const char *zone, char out[64], struct err *err);

/* Whose is the zone that named has under this name?  -1: named is gone. */
int bind_owner(struct bind *b, const struct primary_work *w, struct err *err);

/* Of struct primary_kind; zones.c: */
int bind_ready(struct primary *p, struct err *err);
int bind_file(struct primary *p, const char *zone, char out[NAME_FILE_SIZE], struct err *err);
int bind_owner_of(
    struct primary *p, const struct primary_work *w, const struct dnsq_item *a, struct err *err);
bool bind_elsewhere(struct primary *p, const struct primary_work *w);
int bind_mark(struct primary *p, struct primary_work *w, struct err *err);
int bind_shows(struct primary *p, const struct primary_work *w, struct err *err);
/* tell.c: */
int tell_batch(struct primary *p, struct primary_batch *batch, struct err *err);
int tell_reload(struct primary *p, struct primary_work *w, struct err *err);
int tell_forget(
    struct primary *p, struct primary_batch *batch, struct primary_work *w, struct err *err);
int tell_finish(struct primary *p, struct primary_batch *batch, struct err *err);
/* check.c: does named-checkzone, as strict as named itself, refuse FILE?  Then `reason` has its
 * words. */
bool check_refuses(struct primary *p, const struct primary_work *w, char *reason, size_t size);
/* The same of one whose configuration makes each warning an error. */
bool check_strict(const struct bind *b, const struct primary_work *w, char *reason, size_t size);
/* ask.c: the same of named-checkzone, then of named itself. */
bool ask_refuses(struct primary *p, const struct primary_work *w, char *reason, size_t size);
int ask_words(struct primary *p, const struct primary_work *w, struct err *why, struct err *err);
/* Why a load failed, out of named's answer to addzone.  -1: none did. */
int ask_load_words(const char *text, struct err *out);
/* Do these words speak of what is in the file, and not of what is around it? */
bool ask_blames_file(const char *words);
/* Says more where named's words are "too many records" or "bad zone". */
void ask_add_words(const struct bind *b, const struct primary_work *w, struct err *why);
/* sample.c: the zone's records below a name of ours, for named to say what it has against them: its
 * answer to a changed zone does not tell.  `why` has the words, or is "".  -1: named is gone. */
int sample_words(struct bind *b, const struct primary_work *w, struct err *why, struct err *err);
bool sample_is(const char *zone);
/* Takes the sample out, where there is one.  -1: named is gone. */
int sample_clear(struct bind *b, struct primary_batch *batch, struct err *err);

extern const struct include_format bind_format;

extern const struct push_options bind_options; /* options.c */

#endif
