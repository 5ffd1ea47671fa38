/* node: this node, as DirectAdmin is to know it. */
#include <stdlib.h>
#include <string.h>

#include "base/msg.h"
#include "base/net.h"
#include "verbs.h"

static unsigned parse_port(const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || port < 1 || port > 65535)
		die_usage("--port must be a number from 1 to 65535");
	return (unsigned)port;
}

static const char *find_password(const struct conf *conf, const struct options *o)
{
	struct err err;
	char *password;
	if (o->password_file != NULL) {
		if (conf_read_secret(o->password_file, &password, &err) < 0)
			die_config("%s: %s", o->password_file, err.text);
		return password;
	}
	if (conf->auth_password == NULL)
		die_config("%s: app.auth_password: no password is set", conf->file);
	if (conf_is_hash(conf->auth_password))
		die_config("%s: app.auth_password is a hash, and DirectAdmin needs the password "
			   "itself: give it with --password-file FILE",
		    conf->file);
	return conf->auth_password;
}

void register_node(
    struct da_node *out, char address[NAME_SIZE], const struct conf *conf, const struct options *o)
{
	struct err err;
	if (o->address == NULL)
		die_usage("register needs --address, at which DirectAdmin reaches this node");
	struct net net;
	if (net_parse(o->address, &net) < 0 || strchr(o->address, '/') != NULL ||
	    name_normalize_host(o->address, strlen(o->address), address, &err) < 0)
		die_usage("--address: %s is no IP address", o->address);
	*out = (struct da_node){.address = address,
	    .port = o->port == NULL ? conf->listen_port : parse_port(o->port),
	    .username = conf->auth_username,
	    .password = find_password(conf, o),
	    .ssl = o->ssl || (conf->ssl_enable && !o->no_ssl)};
}
