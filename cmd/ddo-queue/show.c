/* show: prints what a script must know of the configuration. */
#include "show.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static bool ends(const char *s, const char *with)
{
	size_t len = strlen(s), n = strlen(with);
	return len >= n && strcmp(s + len - n, with) == 0;
}

static void show_target(const struct conf_target *t)
{
	printf("dns.backends.%s.type\t%s\n", t->name, t->type);
	for (size_t i = 0; i < t->noptions; i++) {
		const struct conf_option *o = &t->options[i];
		if (o->value != NULL && (ends(o->key, "_dir") || ends(o->key, "_conf")))
			printf("dns.backends.%s.%s\t%s\n", t->name, o->key, o->value);
	}
}

int show(const struct conf *conf)
{
	printf("file\t%s\nlog_format\t%s\n", conf->file, conf->log_format);
	printf("queue_location\t%s\ndatastore.db_location\t%s\n", conf->spool_dir, conf->db_path);
	printf("run_dir\t%s\napp.listen_port\t%u\n", conf->run_dir, conf->listen_port);
	printf("app.ssl_enable\t%s\n", conf->ssl_enable ? "true" : "false");
	printf("reconciliation.enabled\t%s\n", conf->reconcile.enabled ? "true" : "false");
	for (size_t i = 0; i < conf->ntargets; i++) {
		if (conf->targets[i].enabled)
			show_target(&conf->targets[i]);
	}
	return fflush(stdout) == 0 ? 0 : EX_IOERR;
}
