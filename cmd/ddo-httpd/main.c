/* ddo-httpd: DirectAdmin's API in, job files out. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/msg.h"
#include "base/opt.h"
#include "keeper.h"
#include "listen.h"
#include "modes.h"
#include "tls.h"

static volatile sig_atomic_t stop;

struct options {
	const char *config;
	struct server_options server;
	bool test;
};

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

/* They stay blocked, also over an exec, until something waits for them and looks at `stop`. */
static void catch_signals(void)
{
	sigset_t set;
	struct sigaction on = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
	keeper_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGTERM, &on, NULL);
	sigaction(SIGINT, &on, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

static void parse_options(struct options *o, int argc, char **argv)
{
	struct server_options *s = &o->server;
	const struct opt options[] = {OPT_CONFIG(&o->config),
	    {.letter = 'l',
		.name = "listen",
		.value = "[ADDRESS][:PORT]",
		.list = &s->specs,
		.listed = &s->count,
		.help = "listen there; repeat it for more"},
	    {.name = "record",
		.value = "DIR",
		.string = &s->record_dir,
		.help = "write each request and its answer to DIR, without secrets"},
	    {.letter = 'T',
		.alias = 't', /* as nginx has it */
		.name = "test",
		.flag = &o->test,
		.help = "test the configuration and exit"},
	    {0}};
	const struct opt_program program = {.name = "ddo-httpd",
	    .synopsis = "[options] -l [ADDRESS][:PORT] [-l ...]\n"
			"[options]          with a socket as descriptor 0, or as a CGI program",
	    .about = "Takes zones from DirectAdmin and puts them into the spool.\n",
	    .codes = "0 after SIGTERM or the end of the connection; 64 usage;\n"
		     "71 cannot listen; 75 no spool; 78 configuration\n",
	    .options = options};
	msg_options(&program, argc, argv);
}

static struct conf *load(const struct options *o)
{
	struct conf *conf;
	struct err err;
	if (conf_load(&conf, o->config, &err) < 0 || api_check(conf, &err) < 0)
		die_config("%s", err.text);
	msg_set_level_name(conf->log_level);
	msg_set_format_name(conf->log_format);
	if (server_check(conf, &o->server, &err) < 0)
		die_usage("%s", err.text);
	return conf;
}

/* What the start would open, but nothing is made. */
static int test(const struct options *o)
{
	struct conf *conf = load(o);
	struct err err;
	if (conf->ssl_enable &&
	    (tls_is_present() ? tls_open(conf, &err) : tls_become(o->server.argv, &err)) < 0)
		die_system("%s", err.text);
	if (api_test(conf, &err) < 0)
		die_temp("%s", err.text);
	printf("%s: good\n", conf->file);
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct api api;
	struct err err;
	bool shared;
	msg_init("ddo-httpd");
	if (getenv("GATEWAY_INTERFACE") != NULL)
		return cgi_run();
	catch_signals();
	o.server.argv = argv;
	o.server.passed = listen_passed();
	bool inetd = inetd_possible(&shared);
	if (shared)
		msg_to_syslog();
	parse_options(&o, argc, argv);
	if (o.test)
		return test(&o);
	bool listens = o.server.count + o.server.passed > 0;
	if (!listens && !inetd)
		die_usage("nothing to serve: give -l ADDRESS:PORT, or a connected socket as "
			  "descriptor 0 (inetd), or run it as a CGI program");
	struct conf *conf = load(&o);
	if (listens && !keeper_is_above()) {
		unsigned port = conf->listen_port;
		conf_free(conf);
		int status = keeper_run(&o.server, port, &stop, &err);
		if (status == KEEPER_FAILED)
			die_system("%s", err.text);
		if (status != KEEPER_SERVE) {
			free(o.server.specs);
			return status;
		}
		conf = load(&o);
	}
	if (api_open(&api, conf, &err) < 0)
		die_temp("%s", err.text);
	if ((listens ? server_serve(&api, &o.server, &stop, &err)
		     : inetd_serve(&api, o.server.record_dir, &stop, &err)) < 0)
		die_system("%s", err.text);
	api_close(&api);
	conf_free(conf);
	free(o.server.specs);
	return 0;
}
