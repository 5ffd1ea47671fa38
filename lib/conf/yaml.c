/* yaml: YAML files as one flat list of entries. */
#include "conf/yaml.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/file.h"
#include "base/mem.h"

#define FILE_MAX ((size_t)1 << 20)
#define DEPTH_MAX 8
#define KEY_MAX 64

struct reader {
	yaml_parser_t parser;
	const char *file;
	struct conf_entries *out;
	struct err *err;
};

void conf_entries_add(struct conf_entries *e, const char *path, const char *value, unsigned line)
{
	if (e->count == e->cap) {
		e->cap = e->cap == 0 ? 64 : e->cap * 2;
		e->list = mem_resize(e->list, e->cap, sizeof(*e->list));
	}
	e->list[e->count++] =
	    (struct conf_entry){.path = mem_dup(path), .value = mem_dup(value), .line = line};
}

void conf_entries_free(struct conf_entries *e)
{
	for (size_t i = 0; i < e->count; i++) {
		free(e->list[i].path);
		free(e->list[i].value);
	}
	free(e->list);
	*e = (struct conf_entries){0};
}

static struct conf_entry *find(const struct conf_entries *e, const char *path)
{
	for (size_t i = 0; i < e->count; i++) {
		if (strcmp(e->list[i].path, path) == 0)
			return &e->list[i];
	}
	return NULL;
}

static void add(struct reader *r, const yaml_event_t *event, const char *path, const char *value)
{
	conf_entries_add(r->out, path, value, (unsigned)event->start_mark.line + 1);
	struct conf_entry *e = &r->out->list[r->out->count - 1];
	e->file = r->file;
	e->mapping = event->type == YAML_MAPPING_START_EVENT;
}

static void drop(struct conf_entries *all, struct conf_entry *e)
{
	free(e->path);
	free(e->value);
	size_t behind = all->count - (size_t)(e - all->list) - 1;
	memmove(e, e + 1, behind * sizeof(*e));
	all->count--;
}

static bool is_null(const yaml_event_t *event)
{
	const char *value = (const char *)event->data.scalar.value;
	return event->type == YAML_SCALAR_EVENT &&
	       event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (value[0] == '\0' || strcmp(value, "~") == 0 || strcmp(value, "null") == 0);
}

static int fail(const struct reader *r, size_t line, const char *path, const char *why)
{
	if (path[0] == '\0')
		return err_set(r->err, "%s:%zu: %s", r->file, line + 1, why);
	return err_set(r->err, "%s:%zu: %s: %s", r->file, line + 1, path, why);
}

static int next(struct reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event))
		return 0;
	const yaml_parser_t *p = &r->parser;
	size_t line = p->problem_mark.line;
	if (p->error == YAML_READER_ERROR) { /* libyaml gives only the offset */
		const unsigned char *text = p->input.string.start;
		line = 0;
		for (size_t i = 0; i < p->problem_offset && text + i < p->input.string.end; i++)
			line += text[i] == '\n';
	}
	return fail(r, line, "", p->problem != NULL ? p->problem : "not YAML");
}

static int read_node(struct reader *r, yaml_event_t *event, const char *path, unsigned depth);

static int read_scalar(struct reader *r, const yaml_event_t *event, const char *path)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	size_t line = event->start_mark.line;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];
		if (c < 0x20 || c == 0x7f)
			return fail(r, line, path, "the value holds a control character");
	}
	add(r, event, path, value);
	r->out->list[r->out->count - 1].null = is_null(event);
	return 0;
}

static int check_key(struct reader *r, const yaml_event_t *event, const char *path)
{
	if (event->type != YAML_SCALAR_EVENT)
		return fail(r, event->start_mark.line, path, "a key must be a word");
	const char *key = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	if (len == 0 || len > KEY_MAX || strlen(key) != len)
		return fail(r, event->start_mark.line, path, "a key must have 1 to 64 characters");
	for (size_t i = 0; i < len; i++) {
		char c = key[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			c == '_' || c == '-'))
			return fail(r, event->start_mark.line, path,
			    "a key may hold letters, digits, '_' and '-'");
	}
	return 0;
}

static int read_mapping(struct reader *r, const char *path, unsigned depth);

/* The value of a key that an earlier file has too. */
static int merge(struct reader *r, yaml_event_t *event, struct conf_entry *earlier,
    const char *path, unsigned depth)
{
	struct err why;
	if (is_null(event))
		return 0;
	if (earlier->mapping && event->type == YAML_MAPPING_START_EVENT)
		return read_mapping(r, path, depth + 1);
	if (earlier->null) {
		drop(r->out, earlier);
		return read_node(r, event, path, depth);
	}
	err_set(&why, "is in %s:%u too", earlier->file, earlier->line);
	return fail(r, event->start_mark.line, path, why.text);
}

static int read_mapping(struct reader *r, const char *path, unsigned depth)
{
	for (;;) {
		yaml_event_t event;
		struct buf below = {0};
		struct conf_entry *earlier = NULL;
		if (next(r, &event) < 0)
			return -1;
		bool end = event.type == YAML_MAPPING_END_EVENT;
		int bad = end ? 0 : check_key(r, &event, path);
		if (!end && bad == 0) {
			buf_addf(&below, "%s%s%s", path, path[0] == '\0' ? "" : ".",
			    (const char *)event.data.scalar.value);
			earlier = find(r->out, buf_str(&below));
			if (earlier != NULL && earlier->file == r->file)
				bad = fail(
				    r, event.start_mark.line, buf_str(&below), "is there twice");
		}
		yaml_event_delete(&event);
		if (!end && bad == 0 && (bad = next(r, &event)) == 0) {
			bad = earlier == NULL ? read_node(r, &event, buf_str(&below), depth)
					      : merge(r, &event, earlier, buf_str(&below), depth);
			yaml_event_delete(&event);
		}
		buf_free(&below);
		if (end || bad < 0)
			return bad;
	}
}

static int read_sequence(struct reader *r, const char *path, unsigned depth)
{
	for (unsigned i = 0;; i++) {
		yaml_event_t event;
		if (next(r, &event) < 0)
			return -1;
		bool end = event.type == YAML_SEQUENCE_END_EVENT;
		struct buf below = {0};
		buf_addf(&below, "%s[%u]", path, i);
		int bad = end ? 0 : read_node(r, &event, buf_str(&below), depth);
		yaml_event_delete(&event);
		buf_free(&below);
		if (end || bad < 0)
			return bad;
	}
}

static int read_node(struct reader *r, yaml_event_t *event, const char *path, unsigned depth)
{
	size_t line = event->start_mark.line;
	if (depth >= DEPTH_MAX)
		return fail(r, line, path, "nested too deeply");
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(r, event, path);
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		add(r, event, path, NULL);
		return event->type == YAML_MAPPING_START_EVENT ? read_mapping(r, path, depth + 1)
							       : read_sequence(r, path, depth + 1);
	case YAML_ALIAS_EVENT:
		return fail(r, line, path, "aliases are not accepted");
	default:
		return fail(r, line, path, "not expected here");
	}
}

static int read_stream(struct reader *r)
{
	bool seen = false;
	for (;;) {
		yaml_event_t event;
		if (next(r, &event) < 0)
			return -1;
		yaml_event_type_t type = event.type;
		int bad = 0;
		if (type == YAML_DOCUMENT_START_EVENT && seen)
			bad = fail(r, event.start_mark.line, "", "more than one document");
		else if (type == YAML_MAPPING_START_EVENT)
			bad = read_mapping(r, "", 1);
		else if (type == YAML_SCALAR_EVENT && event.data.scalar.length > 0)
			bad = fail(r, event.start_mark.line, "", "expected \"key: value\" lines");
		else if (type == YAML_SEQUENCE_START_EVENT || type == YAML_ALIAS_EVENT)
			bad = fail(r, event.start_mark.line, "", "expected \"key: value\" lines");
		seen = seen || type == YAML_DOCUMENT_START_EVENT;
		yaml_event_delete(&event);
		if (bad < 0 || type == YAML_STREAM_END_EVENT)
			return bad;
	}
}

int conf_yaml_read(const char *file, bool regular, struct conf_entries *out, struct err *err)
{
	struct buf text = {0};
	struct reader r = {.file = file, .out = out, .err = err};
	if ((regular ? file_read_regular(AT_FDCWD, file, &text, FILE_MAX, err)
		     : file_read(AT_FDCWD, file, &text, FILE_MAX, err)) < 0) {
		buf_free(&text);
		return err_group(err);
	}
	if (!yaml_parser_initialize(&r.parser)) {
		buf_free(&text);
		return err_set(err, "%s: libyaml cannot start", file);
	}
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)buf_str(&text), text.len);
	int bad = read_stream(&r);
	yaml_parser_delete(&r.parser);
	if (text.len > 0)
		explicit_bzero(text.data, text.len);
	buf_free(&text);
	return bad;
}
