/* ddo-httpd: DirectAdmin's API in, job files out. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/msg.h"
#include "base/opt.h"
#include "listen.h"
#include "modes.h"

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

static void catch_signals(void)
{
	struct sigaction on = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
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

/* The client's query makes a CGI program's arguments (RFC 3875 section 4.4), so ignore them. */
static int main_cgi(void)
{
	struct conf *conf;
	struct api api;
	struct err err;
	if (conf_load(&conf, NULL, &err) < 0 || api_check(conf, &err) < 0) {
		cgi_serve(NULL);
		die_config("%s", err.text);
	}
	msg_set_level_name(conf->log_level);
	msg_set_format_name(conf->log_format);
	if (api_open(&api, conf, &err) < 0) {
		cgi_serve(NULL);
		die_temp("%s", err.text);
	}
	if (confine(&api, NULL, &err) < 0) {
		cgi_serve(NULL);
		die_system("%s", err.text);
	}
	cgi_serve(&api);
	api_close(&api);
	conf_free(conf);
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct conf *conf;
	struct api api;
	struct err err;
	bool shared;
	msg_init("ddo-httpd");
	catch_signals();
	if (getenv("GATEWAY_INTERFACE") != NULL)
		return main_cgi();
	o.server.argv = argv;
	o.server.passed = listen_passed();
	bool inetd = inetd_possible(&shared);
	if (shared)
		msg_to_syslog();
	parse_options(&o, argc, argv);
	bool listens = o.server.count + o.server.passed > 0;
	if (!listens && !o.test && !inetd)
		die_usage("nothing to serve: give -l ADDRESS:PORT, or a connected socket as "
			  "descriptor 0 (inetd), or run it as a CGI program");
	if (conf_load(&conf, o.config, &err) < 0 || api_check(conf, &err) < 0)
		die_config("%s", err.text);
	msg_set_level_name(conf->log_level);
	msg_set_format_name(conf->log_format);
	if (server_check(conf, &o.server, &err) < 0)
		die_usage("%s", err.text);
	if (o.test) {
		printf("%s: good\n", conf->file);
		return 0;
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
