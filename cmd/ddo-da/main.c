/* ddo-da: asks DirectAdmin by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/msg.h"
#include "base/opt.h"
#include "dns/name.h"
#include "verbs.h"

/* Returns the index of the verb. */
static int parse_options(struct options *o, int argc, char **argv)
{
	const struct opt options[] = {OPT_CONFIG(&o->config),
	    OPT_SERVER(&o->server, "only this one of reconciliation.directadmin_servers"),
	    OPT_JSON(&o->json),
	    {.name = "address",
		.value = "ADDRESS",
		.string = &o->address,
		.help = "register: where DirectAdmin reaches this node"},
	    {.name = "no-ssl",
		.flag = &o->no_ssl,
		.help = "register: without TLS (default: app.ssl_enable)"},
	    {.name = "password-file",
		.value = "FILE",
		.string = &o->password_file,
		.help = "register: read the password from FILE\n(default: app.auth_password)"},
	    {.name = "port",
		.value = "PORT",
		.number = &o->port,
		.help = "register: this node's port (default: app.listen_port)"},
	    {.name = "ssl",
		.flag = &o->ssl,
		.help = "register: with TLS (default: app.ssl_enable)"},
	    OPT_TEST(&o->test), {0}};
	const struct opt_program program = {.name = "ddo-da",
	    .synopsis = "[options] list [SERVER]\n"
			"[options] zone ZONE\n"
			"[options] check [SERVER]\n"
			"[options] register --address ADDRESS [SERVER]",
	    .about =
		"Asks the DirectAdmin servers of the configuration.\n"
		"\n"
		"list      prints \"zone TAB server\" for each server whose list is proven whole\n"
		"zone      prints the text of a zone\n"
		"check     prints a line for each server: \"server TAB result TAB reason\"\n"
		"register  makes DirectAdmin push its zones to this node\n",
	    .codes = "0 done; 64 usage; 66 no such zone; 69 no connection or answer;\n"
		     "75 locked out; 76 an answer that ddo does not understand;\n"
		     "77 login, rights or certificate; 78 configuration\n",
	    .options = options,
	    .operands = true};
	int at = msg_options(&program, argc, argv);
	if (o->ssl && o->no_ssl)
		die_usage("--ssl and --no-ssl exclude each other");
	return at;
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

/* The verb and its operand. */
static int act(const struct options *o, const struct conf *conf, const char *verb, const char *word)
{
	bool is_zone = strcmp(verb, "zone") == 0, is_register = strcmp(verb, "register") == 0;
	bool is_list = strcmp(verb, "list") == 0, is_check = strcmp(verb, "check") == 0;
	char zone[NAME_SIZE];
	struct err err;
	if (!(is_zone || is_register || is_list || is_check))
		die_usage("expected list, zone, check or register; see ddo-da --help");
	if (o->json && !is_list && !is_check)
		die_usage("-j goes with list and check only; see ddo-da --help");
	if (is_zone && word == NULL)
		die_usage("zone needs a ZONE; see ddo-da --help");
	if (is_zone && name_normalize(word, strlen(word), zone, &err) < 0)
		die_usage("%s", err.text);
	if (!is_zone && word != NULL && o->server != NULL && strcmp(word, o->server) != 0)
		die_usage("expected one server, not two: %s and %s", o->server, word);
	struct servers servers = choose(conf, is_zone || word == NULL ? o->server : word);
	if (is_zone)
		return verb_zone(&servers, zone);
	if (is_register)
		return verb_register(&servers, o);
	return is_list ? verb_list(&servers, o->json) : verb_check(&servers, o->json);
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct conf *conf;
	struct err err;
	msg_init("ddo-da");
	umask(022); /* ddo must be able to read the lockout that root leaves */
	int at = parse_options(&o, argc, argv);
	if (argc - at > 2)
		die_usage("unexpected argument %s; see ddo-da --help", argv[at + 2]);
	if (conf_load(&conf, o.config, &err) < 0)
		die_config("%s", err.text);
	if (o.test) {
		printf("%s: good\n", conf->file);
		return 0;
	}
	int code = act(&o, conf, at < argc ? argv[at] : "", at + 1 < argc ? argv[at + 1] : NULL);
	conf_free(conf);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		msg_error("cannot write to standard output");
		return EX_IOERR;
	}
	return code;
}
