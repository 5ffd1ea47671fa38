/* opt: the options of a command line, from a table. */
#include "base/opt.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define LONG_BASE 256 /* beyond any letter: getopt_long() returns it plus the row */

struct parser {
	struct opt *rows; /* with -h and -V */
	size_t count;
	char *letters;
	struct option *longs;
};

static const struct opt common[] = {
    {.letter = 'h', .name = "help", .help = "print this help and exit"},
    {.letter = 'V', .name = "version", .help = "print the version and exit"}};

static size_t count_rows(const struct opt *rows)
{
	size_t n = 0;
	while (rows[n].name != NULL)
		n++;
	return n;
}

static void add_letter(struct buf *letters, char letter, const struct opt *row)
{
	if (letter == '\0')
		return;
	buf_addc(letters, letter);
	if (row->value != NULL)
		buf_addc(letters, ':');
}

static void parser_open(struct parser *s, const struct opt_program *p)
{
	size_t own = count_rows(p->options), both = sizeof(common) / sizeof(common[0]);
	struct buf letters = {0};
	s->count = own + both;
	s->rows = mem_alloc(s->count * sizeof(*s->rows));
	s->longs = mem_alloc((s->count + 1) * sizeof(*s->longs));
	/* ':' makes getopt_long() silent, and tells a missing value from an unknown option. */
	buf_adds(&letters, p->ordered ? "+:" : ":");
	for (size_t i = 0; i < s->count; i++) {
		struct opt *row = &s->rows[i];
		*row = i < own ? p->options[i] : common[i - own];
		add_letter(&letters, row->letter, row);
		add_letter(&letters, row->alias, row);
		s->longs[i] = (struct option){.name = row->name,
		    .has_arg = row->value != NULL ? required_argument : no_argument,
		    .val = LONG_BASE + (int)i};
	}
	s->letters = letters.data;
}

static void parser_close(struct parser *s)
{
	free(s->rows);
	free(s->longs);
	free(s->letters);
}

static const struct opt *find_row(const struct parser *s, int c)
{
	if (c >= LONG_BASE)
		return &s->rows[c - LONG_BASE];
	for (size_t i = 0; i < s->count; i++) {
		if (c != 0 && (s->rows[i].letter == c || s->rows[i].alias == c))
			return &s->rows[i];
	}
	return NULL;
}

static int take_number(const struct opt *row, const char *text, struct err *err)
{
	size_t len = strlen(text);
	if (len == 0 || len > 9 || strspn(text, "0123456789") != len || text[0] == '0')
		return err_set(err, "--%s %s: the value must be a number from 1 to %d", row->name,
		    text, OPT_NUMBER_MAX);
	*row->number = strtoul(text, NULL, 10);
	return 0;
}

static int take(const struct opt *row, char *value, struct err *err)
{
	if (row->flag != NULL)
		*row->flag = true;
	if (row->string != NULL)
		*row->string = value;
	if (row->list != NULL) {
		*row->list = mem_resize(*row->list, *row->listed + 1, sizeof(**row->list));
		(*row->list)[(*row->listed)++] = value;
	}
	return row->number == NULL ? 0 : take_number(row, value, err);
}

/* What getopt_long() could not take: c is what it returned, word where it stood. */
static int complain(const struct parser *s, int c, const char *word, struct err *err)
{
	const struct opt *row = find_row(s, optopt);
	/* Until 0.1.0 -t was what -T is. */
	const char *hint = optopt == 't' ? " (-T tests the configuration)" : "";
	if (c == ':' && optopt < LONG_BASE)
		return err_set(err, "-%c needs a value, %s%s", optopt, row->value, hint);
	if (c == ':')
		return err_set(err, "--%s needs a value, %s", row->name, row->value);
	if (row != NULL)
		return err_set(err, "--%s takes no value", row->name);
	if (optopt != 0)
		return err_set(err, "unknown option -%c%s", optopt, hint);
	return err_set(err, "unknown option %.*s", (int)strcspn(word, "="), word);
}

static void add_left(struct buf *out, const struct opt *row)
{
	if (row->letter != '\0')
		buf_addf(out, "  -%c, ", row->letter);
	else
		buf_adds(out, "      ");
	if (row->alias != '\0')
		buf_addf(out, "-%c, ", row->alias);
	buf_addf(out, "--%s", row->name);
	if (row->value != NULL)
		buf_addf(out, " %s", row->value);
	buf_adds(out, "  ");
}

/* `first` stands in front of the first line, `rest` in front of the others. */
static void add_lines(struct buf *out, const char *lines, const char *first, const char *rest)
{
	for (const char *before = first; *lines != '\0'; before = rest) {
		size_t len = strcspn(lines, "\n");
		buf_addf(out, "%s%.*s\n", before, (int)len, lines);
		lines += lines[len] == '\0' ? len : len + 1;
	}
}

static void add_usage(struct buf *out, const struct opt_program *p, const struct parser *s)
{
	struct buf left = {0}, indent = {0};
	size_t width = 0;
	buf_addf(&left, "usage: %s ", p->name);
	buf_addf(&indent, "       %s ", p->name);
	add_lines(out, p->synopsis, left.data, indent.data);
	buf_addf(out, "\n%s\n", p->about);
	for (size_t i = 0; i < s->count; i++) {
		buf_reset(&left);
		add_left(&left, &s->rows[i]);
		width = left.len > width ? left.len : width;
	}
	buf_reset(&indent);
	buf_addf(&indent, "%*s", (int)width, "");
	for (size_t i = 0; i < s->count; i++) {
		buf_reset(&left);
		add_left(&left, &s->rows[i]);
		buf_addf(&left, "%*s", (int)(width - left.len), "");
		add_lines(out, s->rows[i].help, left.data, indent.data);
	}
	if (p->codes != NULL)
		buf_addf(out, "\nexit: %s", p->codes);
	buf_free(&left);
	buf_free(&indent);
}

/* The operands, after the last option. */
static int finish(const struct opt_program *p, int argc, char **argv, struct err *err)
{
	if (optind < argc && !p->operands)
		return err_set(err, "unexpected argument %s", argv[optind]);
	/* The first operand is a verb: what follows "--" are names, which may begin with '-'. */
	if (p->ordered && optind + 1 < argc && strcmp(argv[optind + 1], "--") == 0) {
		argv[optind + 1] = argv[optind];
		optind++;
	}
	return optind;
}

int opt_parse(const struct opt_program *p, int argc, char **argv, struct buf *text, struct err *err)
{
	struct parser s;
	int r = 0;
	parser_open(&s, p);
	optind = 1;
	for (int c; r == 0 && (c = getopt_long(argc, argv, s.letters, s.longs, NULL)) != -1;) {
		const struct opt *row = c == '?' || c == ':' ? NULL : find_row(&s, c);
		if (row == NULL) {
			r = complain(&s, c, argv[optind - 1], err);
		} else if (strcmp(row->name, "help") == 0) {
			add_usage(text, p, &s);
			break;
		} else if (strcmp(row->name, "version") == 0) {
			buf_addf(text, "%s " DDO_VERSION "\n", p->name);
			break;
		} else {
			r = take(row, optarg, err);
		}
	}
	parser_close(&s);
	return r < 0 || text->len > 0 ? r : finish(p, argc, argv, err);
}
