/* directslave: a DirectSlave: secondary zones that BIND fetches for it. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "old.h"
#include "sources.h"
#include "zonefile.h"

#define CONF_MOST 65536

struct slave {
	char *workdir, *list;
};

static int read_conf(struct slave *s, const char *path, struct err *err)
{
	struct buf text = {0};
	if (old_read(path, true, CONF_MOST, &text, err) < 0) {
		buf_free(&text);
		return -1;
	}
	for (char *at = text.data, *line; (line = strsep(&at, "\r\n")) != NULL;) {
		char *key = line + strspn(line, " \t");
		char *value = key + strcspn(key, " \t");
		if (*value != '\0')
			*value++ = '\0';
		value += strspn(value, " \t");
		value[strcspn(value, " \t")] = '\0';
		if (strcmp(key, "named_workdir") == 0 && s->workdir == NULL)
			s->workdir = mem_dup(value);
		else if (strcmp(key, "named_conf") == 0 && s->list == NULL)
			s->list = mem_dup(value);
	}
	buf_free(&text);
	return 0;
}

int directslave_read(struct plan *p, const char *operand, struct err *err)
{
	struct slave s = {0};
	char *conf = NULL;
	static const char *const names[] = {"etc/directslave.conf", "directslave.conf"};
	if (!old_exists(operand))
		return err_sys(err, "%s", operand);
	for (size_t i = 0; conf == NULL && i < 2 && old_is_dir(operand); i++) {
		char *path = old_path(operand, names[i]);
		if (old_exists(path))
			conf = path;
		else
			free(path);
	}
	if (!old_is_dir(operand))
		conf = mem_dup(operand);
	if (conf == NULL) /* its named_workdir */
		return zonefile_dir(p, operand, false) > 0
			   ? 0
			   : err_set(err, "%s: neither directslave.conf nor zone files", operand);
	if (read_conf(&s, conf, err) < 0)
		return -1;
	plan_line(p, PLAN_READ, NULL, conf, "the configuration");
	int r = -1;
	if (s.list != NULL && old_exists(s.list))
		r = named_read(p, s.list, true, err);
	else if (s.workdir != NULL && old_is_dir(s.workdir))
		r = zonefile_dir(p, s.workdir, false) > 0
			? 0
			: err_set(err, "%s: no zone files", s.workdir);
	else
		err_set(err, "%s: neither its named_conf nor its named_workdir is there", conf);
	free(conf);
	free(s.workdir);
	free(s.list);
	return r;
}
