/* ddo-httpd: DirectAdmin's API in, job files out. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/mem.h"
#include "base/msg.h"
#include "listen.h"
#include "modes.h"

static volatile sig_atomic_t stop;

struct options {
	const char *config;
	struct server_options server;
	bool check;
};

static const char usage[] =
    "usage: ddo-httpd [-c FILE] -l [ADDRESS][:PORT] [-l ...]\n"
    "       ddo-httpd [-c FILE]           with a socket as descriptor 0, or as a CGI program\n"
    "       ddo-httpd [-c FILE] -t [-l ...]\n"
    "Takes zones from DirectAdmin and puts them into the spool.\n"
    "\n"
    "  -l, --listen [ADDRESS][:PORT]   listen there; may be given several times\n"
    "      --record DIR    write each request and its answer to a file there, secrets struck out\n"
    "  -c, --config FILE   instead of $DDO_CONFIG or /etc/ddo/app.yml\n"
    "  -t, --test          check the configuration and exit\n"
    "  -h, --help          -V, --version\n";

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
	static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
	    {"listen", required_argument, NULL, 'l'}, {"record", required_argument, NULL, 'r'},
	    {"test", no_argument, NULL, 't'}, {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'}, {0}};
	struct server_options *s = &o->server;
	int c;
	while ((c = getopt_long(argc, argv, "c:l:thV", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case 'l':
			s->specs = mem_resize(s->specs, s->count + 1, sizeof(*s->specs));
			s->specs[s->count++] = optarg;
			break;
		case 'r':
			s->record_dir = optarg;
			break;
		case 't':
			o->check = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		case 'V':
			puts("ddo-httpd " DDO_VERSION);
			exit(0);
		default:
			fputs(usage, stderr);
			exit(EX_USAGE);
		}
	}
	if (optind < argc)
		die_usage("unexpected argument %s", argv[optind]);
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
	if (!listens && !o.check && !inetd)
		die_usage("nothing to serve: give -l ADDRESS:PORT, or a connected socket as "
			  "descriptor 0 (inetd), or run it as a CGI program");
	if (conf_load(&conf, o.config, &err) < 0 || api_check(conf, &err) < 0)
		die_config("%s", err.text);
	msg_set_level_name(conf->log_level);
	if (server_check(conf, &o.server, &err) < 0)
		die_usage("%s", err.text);
	if (o.check) {
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
