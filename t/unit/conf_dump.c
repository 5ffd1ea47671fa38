/* conf_dump FILE: what conf_load() makes of FILE and the environment, a line "key=value" each. */
#include <stdio.h>

#include "base/msg.h"
#include "conf/conf.h"

static void print_targets(const struct conf *c)
{
	for (size_t i = 0; i < c->ntargets; i++) {
		const struct conf_target *t = &c->targets[i];
		printf("%s: type=%s enabled=%d program=%s timeout=%u\n", t->name, t->type,
		    t->enabled, t->program, t->timeout_s);
		for (size_t j = 0; j < t->noptions; j++)
			if (t->options[j].value != NULL)
				printf("%s: %s=%s line=%u\n", t->name, t->options[j].key,
				    t->options[j].value, t->options[j].line);
	}
}

static const char *or_none(const char *s)
{
	return s == NULL ? "(none)" : s;
}

static void print_da(const struct conf *c)
{
	for (size_t i = 0; i < c->nda; i++) {
		const struct conf_da *d = &c->da[i];
		printf("%s: address=%s port=%u username=%s password=%s ssl=%d verify_ssl=%d\n",
		    d->hostname, or_none(d->address), d->port, or_none(d->username),
		    or_none(d->password), d->ssl, d->verify_ssl);
		printf("%s: ca_file=%s pin=%s dns_server=%s origins=", d->hostname,
		    or_none(d->ca_file), or_none(d->pin), or_none(d->dns_server));
		for (size_t j = 0; j < d->norigins; j++)
			printf("%s%s", j == 0 ? "" : ",", d->origins[j]);
		puts("");
	}
}

int main(int argc, char **argv)
{
	struct conf *c;
	struct err err;
	msg_init("conf_dump");
	if (conf_load(&c, argc > 1 ? argv[1] : NULL, &err) < 0)
		die_config("%s", err.text);
	printf("file=%s\nspool_dir=%s\ndb_path=%s\nrun_dir=%s\nlibexec_dir=%s\nlog_level=%s\n",
	    c->file, c->spool_dir, c->db_path, c->run_dir, c->libexec_dir, c->log_level);
	printf("auth_username=%s\nauth_password=%s\nlisten_port=%u\ncheck_subdomain_owner=%d\n",
	    c->auth_username, c->auth_password == NULL ? "(none)" : c->auth_password,
	    c->listen_port, c->check_subdomain_owner);
	printf("max_body=%zu\nmax_zone=%zu\nmax_records=%zu\nmax_connections=%u\n"
	       "max_connections_per_address=%u\nrequest_timeout=%u\nthreads=%u\n",
	    c->max_body, c->max_zone, c->max_records, c->max_connections,
	    c->max_connections_per_address, c->request_timeout_s, c->threads);
	printf("batch_zones=%u\nbatch_bytes=%zu\nrescan=%u\nlinger=%u\nstop=%u\nretry=",
	    c->batch_zones, c->batch_bytes, c->rescan_s, c->linger_s, c->stop_s);
	for (size_t i = 0; i < c->nretry; i++)
		printf("%s%u", i == 0 ? "" : ",", c->retry_s[i]);
	puts("");
	printf("log_format=%s peer_sync=%d\n", c->log_format, c->peer_sync);
	print_targets(c);
	print_da(c);
	conf_free(c);
	return 0;
}
