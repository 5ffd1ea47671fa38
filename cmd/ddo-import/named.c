/* named: the zones of a named.conf, as named-checkconf prints it. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "old.h"
#include "sources.h"
#include "zonefile.h"

#define PRINTED_MOST ((size_t)256 << 20)
#define DEPTH_MOST 32
#define WORDS_MOST 8

/* What named-checkconf prints of a zone, a view, or all of it. */
struct part {
	char *name, *type, *file, *directory, *policy, *signing;
	struct part *outer; /* of a zone: its view, or all */
};

struct reader {
	struct plan *plan;
	const char *at, *end;
	char *words[WORDS_MOST]; /* of the statement under way */
	size_t nwords;
	struct part all, *stack[DEPTH_MOST]; /* NULL: a block that does not matter */
	size_t depth;
	struct part **zones;
	size_t nzones, cap;
};

static void clear_words(struct reader *r)
{
	for (size_t i = 0; i < r->nwords; i++)
		free(r->words[i]);
	r->nwords = 0;
}

static void add_word(struct reader *r, const char *text, size_t len)
{
	if (r->nwords < WORDS_MOST)
		r->words[r->nwords++] = mem_dupn(text, len);
}

static void add_quoted(struct reader *r)
{
	struct buf word = {0};
	for (r->at++; r->at < r->end && *r->at != '"'; r->at++) {
		if (*r->at == '\\' && r->at + 1 < r->end)
			r->at++;
		buf_addc(&word, *r->at);
	}
	r->at += r->at < r->end;
	add_word(r, buf_str(&word), word.len);
	buf_free(&word);
}

static void set(char **field, const char *value)
{
	free(*field);
	*field = mem_dup(value);
}

static void end_statement(struct reader *r)
{
	struct part *in = r->stack[r->depth];
	const char *value = r->nwords > 1 ? r->words[1] : "";
	if (in == NULL || r->nwords < 2)
		;
	else if (strcmp(r->words[0], "type") == 0)
		set(&in->type, value);
	else if (strcmp(r->words[0], "file") == 0)
		set(&in->file, value);
	else if (strcmp(r->words[0], "directory") == 0)
		set(&in->directory, value);
	else if (strcmp(r->words[0], "dnssec-policy") == 0)
		set(&in->policy, value);
	else if (strcmp(r->words[0], "inline-signing") == 0 ||
		 strcmp(r->words[0], "auto-dnssec") == 0)
		set(&in->signing, value);
	clear_words(r);
}

static struct part *begin_part(struct reader *r, struct part *in)
{
	const char *what = r->nwords > 0 ? r->words[0] : "";
	if (in == &r->all && strcmp(what, "options") == 0)
		return in;
	if (in == NULL || r->nwords < 2 || (strcmp(what, "zone") != 0 && strcmp(what, "view") != 0))
		return NULL;
	struct part *part = mem_alloc(sizeof(*part));
	part->name = mem_dup(r->words[1]);
	part->outer = in;
	if (strcmp(what, "view") == 0)
		return part;
	if (r->nzones == r->cap) {
		r->cap = r->cap == 0 ? 64 : r->cap * 2;
		r->zones = mem_resize(r->zones, r->cap, sizeof(struct part *));
	}
	r->zones[r->nzones++] = part;
	return part;
}

static int read_printed(struct reader *r, struct err *err)
{
	r->stack[0] = &r->all;
	while (r->at < r->end) {
		size_t len = strcspn(r->at, " \t\r\n;{}\"");
		if (len > 0) {
			add_word(r, r->at, len);
			r->at += len;
			continue;
		}
		char c = *r->at;
		if (c == '"') {
			add_quoted(r);
			continue;
		}
		if (c == '{' && r->depth + 1 == DEPTH_MOST)
			return err_set(err, "named-checkconf: blocks are nested too deeply");
		if (c == '{') {
			struct part *part = begin_part(r, r->stack[r->depth]);
			r->stack[++r->depth] = part;
			clear_words(r);
		} else if (c == '}' && r->depth > 0) {
			r->depth--;
			clear_words(r);
		} else if (c == ';') {
			end_statement(r);
		}
		r->at++; /* a NUL, too */
	}
	return 0;
}

static const char *inherited(const struct part *z, size_t field)
{
	for (; z != NULL; z = z->outer) {
		char *const *value = (char *const *)((const char *)z + field);
		if (*value != NULL)
			return *value;
	}
	return "";
}

static bool is_signed(const struct part *z)
{
	const char *policy = inherited(z, offsetof(struct part, policy));
	const char *signing = inherited(z, offsetof(struct part, signing));
	return (policy[0] != '\0' && strcmp(policy, "none") != 0) || strcmp(signing, "yes") == 0 ||
	       strcmp(signing, "maintain") == 0 || strcmp(signing, "allow") == 0;
}

/* Zones that each server has for itself (RFC 6303, and what distributions add). */
static bool is_local(const char *name)
{
	static const char *const names[] = {"localhost", "localhost.localdomain",
	    "127.in-addr.arpa", "0.in-addr.arpa", "255.in-addr.arpa", "1.0.0.127.in-addr.arpa",
	    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static bool is_type(const struct part *z, const char *a, const char *b)
{
	return z->type != NULL && (strcmp(z->type, a) == 0 || strcmp(z->type, b) == 0);
}

static bool is_twice(const struct reader *r, const struct part *z)
{
	for (size_t i = 0; i < r->nzones; i++) {
		if (r->zones[i] != z && r->zones[i]->outer != z->outer &&
		    r->zones[i]->type != NULL && strcasecmp(r->zones[i]->name, z->name) == 0)
			return true;
	}
	return false;
}

static void take_zone(struct reader *r, const struct part *z, const char *conf, bool secondaries)
{
	struct plan *p = r->plan;
	bool primary = is_type(z, "primary", "master");
	bool secondary = is_type(z, "secondary", "slave");
	const char *directory = inherited(z, offsetof(struct part, directory));
	if (!primary && !secondary)
		return;
	if (is_local(z->name)) {
		plan_line(p, PLAN_LEFT, z->name, conf, "each server has it for itself");
	} else if (primary == secondaries) {
		plan_line(
		    p, PLAN_LEFT, z->name, conf, "a %s zone", primary ? "primary" : "secondary");
	} else if (z->outer != &r->all && is_twice(r, z)) {
		plan_line(p, PLAN_REFUSED, z->name, conf, "two views have it");
	} else if (is_signed(z)) {
		plan_line(p, PLAN_REFUSED, z->name, conf,
		    "named signs it, and ddo would serve it without signatures");
	} else if (z->file == NULL) {
		plan_line(p, PLAN_REFUSED, z->name, conf, "it has no file");
	} else if (z->file[0] != '/' && directory[0] != '/') {
		plan_line(p, PLAN_REFUSED, z->name, conf,
		    "its file is relative, and options has no directory");
	} else {
		struct plan_zone *known = plan_know(p, z->name, strlen(z->name), conf);
		char *path = z->file[0] == '/' ? mem_dup(z->file) : old_path(directory, z->file);
		if (known != NULL)
			zonefile_offer(p, known, path, true);
		free(path);
	}
}

int named_read(struct plan *p, const char *conf, bool secondaries, struct err *err)
{
	struct reader r = {.plan = p};
	struct buf printed = {0};
	const char *argv[] = {"named-checkconf", "-px", conf, NULL};
	int status =
	    old_run("named-checkconf", (char *const *)argv, NULL, 0, PRINTED_MOST, &printed, err);
	if (status == 0) {
		r.at = buf_str(&printed);
		r.end = r.at + printed.len;
		status = read_printed(&r, err);
	}
	if (status == 0) {
		plan_line(p, PLAN_READ, NULL, conf, "named's configuration; zones: %zu", r.nzones);
		for (size_t i = 0; i < r.nzones; i++)
			take_zone(&r, r.zones[i], conf, secondaries);
	}
	buf_free(&printed);
	return status == 0 ? 0 : -1;
}
