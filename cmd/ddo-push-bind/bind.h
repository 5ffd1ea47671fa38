/* bind: what the parts of ddo-push-bind share.
 *
 * Each .c file here has one task, and calls only those above it: zones.c (what named has), check.c
 * (named-checkzone), reason.c (named's words about a load), sample.c and ask.c (why named refuses
 * a zone), tell.c (the changes).  Functions return -1 when named is gone (err), unless said
 * otherwise.  Those that get a struct primary are hooks of struct primary_kind (primary.h).
 */
#ifndef DDO_BIND_BIND_H
#define DDO_BIND_BIND_H

#include "control.h"
#include "push/files/include.h"
#include "push/files/primary.h"

struct bind {
	struct primary p; /* first: its functions get this; p.list NULL: mode addzone */
	const char *view, *checkzone;
	struct control *control;
};

/* zones.c.  One command about a zone: "reload ZONE" or, with a view, "reload ZONE IN VIEW", and
 * `tail`.  Returns as control_command(). */
int bind_tell(struct bind *b, const char *verb, const char *zone, const char *tail,
    struct buf *text, struct err *err);
/* When named loaded the zone, in its own words; "" when it does not say. */
int bind_loaded(struct bind *b, const char *zone, char out[64], struct err *err);
/* Whose is the zone that named has?  Always asks named; bind_owner() only where it has to. */
int bind_ask_owner(struct bind *b, const struct work *w, struct err *err);
int bind_owner(struct primary *p, const struct work *w, struct err *err);
int bind_shows(struct primary *p, const struct work *w, struct err *err);

/* check.c.  Does named-checkzone, as strict as named itself, refuse FILE?  Then `reason` has its
 * words.  check_strict(): the same with each warning as an error. */
bool check_refuses(const struct bind *b, const struct work *w, char *reason, size_t size);
bool check_strict(const struct bind *b, const struct work *w, char *reason, size_t size);

/* reason.c.  Why a load failed, from named's answer to addzone.  -1: none failed. */
int reason_of_load(const char *text, struct err *out);
/* Do these words blame what is in the file, and not what is around it? */
bool reason_blames_file(const char *words);
/* Adds details where named's words are "too many records" or "bad zone". */
void reason_add_details(const struct bind *b, const struct work *w, struct err *why);

/* sample.c.  Gives named the zone's records below a name of ours, so that it says what it has
 * against them: its answer to a changed zone does not tell.  `why` gets the words, or "". */
int sample_words(struct bind *b, const struct work *w, struct err *why, struct err *err);
bool sample_is(const char *zone);
/* Takes the sample out, where there is one. */
int sample_clear(struct bind *b, struct work_batch *batch, struct err *err);

/* ask.c.  What became of FILE, and does named refuse it? */
int ask_outcome(struct primary *p, const struct work *w, struct err *why, struct err *err);
bool ask_refuses(
    struct primary *p, const struct work *w, enum primary_stage stage, char *reason, size_t size);

/* tell.c */
int tell_batch(struct primary *p, struct work_batch *batch, struct err *err);
int tell_one(
    struct primary *p, struct work_batch *batch, struct work *w, enum work_op op, struct err *err);
int tell_finish(struct primary *p, struct work_batch *batch, struct err *err);

extern const struct include_format bind_format; /* format.c */

extern const struct push_options bind_options; /* options.c */

#endif
