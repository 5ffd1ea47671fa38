/* ddo-da: DirectAdmin asked by hand. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/msg.h"
#include "dns/name.h"
#include "verbs.h"

static const char usage[] =
    "usage: ddo-da [options] list [SERVER]\n"
    "       ddo-da [options] zone ZONE\n"
    "       ddo-da [options] check [SERVER]\n"
    "       ddo-da [options] register --address ADDRESS [SERVER]\n"
    "\n"
    "list prints \"zone TAB server\" of each DirectAdmin whose list is proven to be whole, zone "
    "the\n"
    "text of a zone, check a line a server.  register makes DirectAdmin push to this node.\n"
    "\n"
    "  -s, --server SERVER      only this one of reconciliation.directadmin_servers\n"
    "  -c, --config FILE        instead of $DDO_CONFIG or /etc/ddo/app.yml\n"
    "  -t, --test               check the configuration and exit\n"
    "  -h, --help               -V, --version\n"
    "\n"
    "register:\n"
    "  --address ADDRESS        at which DirectAdmin reaches this node\n"
    "  --port PORT              instead of app.listen_port\n"
    "  --ssl, --no-ssl          instead of app.ssl_enable\n"
    "  --password-file FILE     instead of app.auth_password, which may be a hash\n"
    "\n"
    "exit: 0; 66 no such zone; 69 no connection or answer; 75 locked out; 76 an answer that is "
    "not\n"
    "understood; 77 login, rights or certificate; 78 configuration; 64 usage\n";

enum { ADDRESS = 256, PORT, SSL, NO_SSL, PASSWORD_FILE };

static bool parse_register(struct options *o, int c, const char *value)
{
	if (c == ADDRESS)
		o->address = value;
	else if (c == PORT)
		o->port = value;
	else if (c == SSL)
		o->ssl = true;
	else if (c == NO_SSL)
		o->no_ssl = true;
	else if (c == PASSWORD_FILE)
		o->password_file = value;
	else
		return false;
	return true;
}

static void parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {{"server", required_argument, NULL, 's'},
	    {"config", required_argument, NULL, 'c'}, {"test", no_argument, NULL, 't'},
	    {"address", required_argument, NULL, ADDRESS}, {"port", required_argument, NULL, PORT},
	    {"ssl", no_argument, NULL, SSL}, {"no-ssl", no_argument, NULL, NO_SSL},
	    {"password-file", required_argument, NULL, PASSWORD_FILE},
	    {"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {0}};
	for (int c; (c = getopt_long(argc, argv, "s:c:thV", longs, NULL)) != -1;) {
		switch (c) {
		case 's':
			o->server = optarg;
			break;
		case 'c':
			o->config = optarg;
			break;
		case 't':
			o->test = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		case 'V':
			puts("ddo-da " DDO_VERSION);
			exit(0);
		default:
			if (!parse_register(o, c, optarg))
				die_usage("see ddo-da --help");
		}
	}
	if (o->ssl && o->no_ssl)
		die_usage("--ssl and --no-ssl together");
}

static struct servers choose(const struct conf *conf, const char *server)
{
	char name[NAME_SIZE];
	struct err err;
	if (conf->nda == 0)
		die_config("%s: reconciliation.directadmin_servers names no server", conf->file);
	if (server == NULL)
		return (struct servers){conf, conf->da, conf->nda};
	if (name_normalize_host(server, strlen(server), name, &err) < 0)
		die_usage("%s: %s", server, err.text);
	const struct conf_da *da = conf_find_da(conf, name);
	if (da == NULL)
		die_config(
		    "%s: reconciliation.directadmin_servers does not name %s", conf->file, name);
	return (struct servers){conf, da, 1};
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct conf *conf;
	struct err err;
	char zone[NAME_SIZE];
	int code;
	msg_init("ddo-da");
	umask(022); /* a lock-out that root sees is for ddo, too */
	parse_options(&o, argc, argv);
	if (conf_load(&conf, o.config, &err) < 0)
		die_config("%s", err.text);
	if (o.test) {
		printf("%s: good\n", conf->file);
		return 0;
	}
	const char *verb = optind < argc ? argv[optind++] : "";
	const char *word = optind < argc ? argv[optind++] : NULL;
	bool is_zone = strcmp(verb, "zone") == 0, is_register = strcmp(verb, "register") == 0;
	bool is_list = strcmp(verb, "list") == 0, is_check = strcmp(verb, "check") == 0;
	if (optind < argc || !(is_zone || is_register || is_list || is_check))
		die_usage("expected list, zone, check or register; see ddo-da --help");
	if (is_zone && (word == NULL || name_normalize(word, strlen(word), zone, &err) < 0))
		die_usage("%s", word == NULL ? "which zone?" : err.text);
	if (!is_zone && word != NULL && o.server != NULL && strcmp(word, o.server) != 0)
		die_usage("two servers: %s and %s", o.server, word);
	struct servers servers = choose(conf, is_zone || word == NULL ? o.server : word);
	if (is_zone)
		code = verb_zone(&servers, zone);
	else if (is_register)
		code = verb_register(&servers, &o);
	else
		code = is_list ? verb_list(&servers) : verb_check(&servers);
	conf_free(conf);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		msg_error("cannot write: standard output");
		return EX_IOERR;
	}
	return code;
}
