/* node: what register tells DirectAdmin about this node. */
#include <string.h>

#include "base/msg.h"
#include "base/net.h"
#include "verbs.h"

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
		die_config("%s: app.auth_password is a hash, but DirectAdmin needs the password "
			   "itself: give it with --password-file FILE",
		    conf->file);
	return conf->auth_password;
}

void register_node(
    struct da_node *out, char address[NAME_SIZE], const struct conf *conf, const struct options *o)
{
	struct err err;
	if (o->address == NULL)
		die_usage("register needs --address ADDRESS, where DirectAdmin reaches this node");
	if (o->port > 65535)
		die_usage("--port must be a number from 1 to 65535");
	struct net net;
	if (net_parse(o->address, &net) < 0 || strchr(o->address, '/') != NULL ||
	    name_normalize_host(o->address, strlen(o->address), address, &err) < 0)
		die_usage("--address: %s is not an IP address", o->address);
	*out = (struct da_node){.address = address,
	    .port = o->port == 0 ? conf->listen_port : (unsigned)o->port,
	    .username = conf->auth_username,
	    .password = find_password(conf, o),
	    .ssl = o->ssl || (conf->ssl_enable && !o->no_ssl)};
}
