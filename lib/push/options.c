/* options: checks a target's options against the table of its kind. */
#include "push/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static const struct push_option *find(const struct push_option *list, const char *key)
{
	for (; list->key != NULL; list++) {
		if (strcmp(list->key, key) == 0)
			return list;
	}
	return NULL;
}

/* Is the value one of "a b"?  If not, `why` gets "must be a or b". */
static bool is_word(const char *words, const char *value, struct buf *why)
{
	buf_adds(why, "must be ");
	for (const char *at = words;; at++) {
		size_t len = strcspn(at, " ");
		if (strlen(value) == len && strncmp(at, value, len) == 0)
			return true;
		const char *before = at == words ? "" : at[len] == '\0' ? " or " : ", ";
		buf_addf(why, "%s%.*s", before, (int)len, at);
		at += len;
		if (*at == '\0')
			return false;
	}
}

/* What is wrong goes into `why`. */
static int check_value(const struct push_option *k, struct conf_option *o, struct buf *why)
{
	uint64_t number;
	bool flag;
	char words[ENTRY_WHY_SIZE];
	if (entry_parse(o->value, k->type, k->min, k->max, &number, &flag, words) < 0) {
		buf_adds(why, words);
		return -1;
	}
	if (k->words != NULL && !is_word(k->words, o->value, why))
		return -1;
	const char *wrong = k->wrong == NULL ? NULL : k->wrong(o->value);
	if (wrong != NULL) {
		buf_reset(why);
		buf_adds(why, wrong);
		return -1;
	}
	if (k->type == CONF_PATH && o->value[0] != '\0') {
		char *path = entry_absolute(o->value);
		free(o->value);
		o->value = path;
	}
	return 0;
}

static int check(const struct push_option *list, struct conf_option *o, struct buf *why)
{
	const struct push_option *k = find(list, o->key);
	bool listed = o->shape == CONF_LIST || o->shape == CONF_ELEMENT;
	const char *wrong = NULL;
	if (k == NULL)
		wrong = "no such key for this type of backend";
	else if (k->type == CONF_TEXTS && !listed)
		wrong = "must be a list";
	else if (k->type != CONF_TEXTS && listed)
		wrong = "must be a single value";
	if (wrong != NULL)
		buf_adds(why, wrong);
	return wrong != NULL ? -1 : o->value == NULL ? 0 : check_value(k, o, why);
}

static const char *find_lack(
    const struct push_options *options, const struct conf_target *t, struct buf *why)
{
	for (const struct push_option *k = options->list; k->key != NULL; k++) {
		if (k->required && conf_option(t, k->key, NULL) == NULL) {
			buf_addf(why, "%s is missing", k->key);
			return why->data;
		}
	}
	return options->lack == NULL ? NULL : options->lack(t);
}

int options_check(const struct push_options *options, struct conf *conf,
    const struct conf_target *t, struct err *err)
{
	struct conf_target *mine = &conf->targets[t - conf->targets];
	struct buf why = {0};
	int r = 0;
	for (size_t i = 0; options != NULL && r == 0 && i < mine->noptions; i++) {
		r = check(options->list, &mine->options[i], &why);
		if (r < 0)
			conf_option_wrong(conf, t, &mine->options[i], buf_str(&why), err);
		buf_reset(&why);
	}
	const char *lack = options == NULL || r < 0 ? NULL : find_lack(options, t, &why);
	if (lack != NULL)
		r = conf_option_wrong(conf, t, NULL, lack, err);
	buf_free(&why);
	return r;
}
