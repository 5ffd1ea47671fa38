#include "conf/schema.h"

#include <string.h>

#include "conf/conf.h"

#define FIELD(f) (int64_t) offsetof(struct conf, f), sizeof(((struct conf *)0)->f)
#define NOBODY -1, 0
#define PORT 1, 65535
#define ANY 0, UINT32_MAX

const struct conf_key conf_keys[] = {
    {"queue_location", CONF_PATH, FIELD(spool_dir), 0, 0},
    {"run_dir", CONF_PATH, FIELD(run_dir), 0, 0},
    {"libexec_dir", CONF_PATH, FIELD(libexec_dir), 0, 0},
    {"log_level", CONF_TEXT, FIELD(log_level), 0, 0},
    {"log_format", CONF_TEXT, NOBODY, 0, 0},
    {"timezone", CONF_TEXT, NOBODY, 0, 0},
    {"datastore.type", CONF_TEXT, NOBODY, 0, 0},
    {"datastore.db_location", CONF_PATH, FIELD(db_path), 0, 0},
    {"datastore.host", CONF_TEXT, NOBODY, 0, 0},
    {"datastore.port", CONF_UINT, NOBODY, PORT},
    {"datastore.name", CONF_TEXT, NOBODY, 0, 0},
    {"datastore.user", CONF_TEXT, NOBODY, 0, 0},
    {"datastore.pass", CONF_SECRET, NOBODY, 0, 0},
    {"app.auth_username", CONF_TEXT, FIELD(auth_username), 0, 0},
    {"app.auth_password", CONF_SECRET, FIELD(auth_password), 0, 0},
    {"app.auth_password_file", CONF_PATH, NOBODY, 0, 0},
    {"app.listen_port", CONF_UINT, FIELD(listen_port), PORT},
    {"app.check_subdomain_owner_in_cluster_domainowners", CONF_BOOL, FIELD(check_subdomain_owner),
	0, 0},
    {"app.max_body_bytes", CONF_UINT, FIELD(max_body), 1024, 1 << 30},
    {"app.max_zone_bytes", CONF_UINT, FIELD(max_zone), 1024, 1 << 30},
    {"app.allow_single_label", CONF_BOOL, FIELD(single_label), 0, 0},
    {"app.max_records", CONF_UINT, FIELD(max_records), 1, 10000000},
    {"app.max_connections", CONF_UINT, FIELD(max_connections), 1, 1000000},
    {"app.max_connections_per_address", CONF_UINT, FIELD(max_connections_per_address), 1, 1000000},
    {"app.request_timeout", CONF_UINT, FIELD(request_timeout_s), 1, 3600},
    {"app.threads", CONF_UINT, FIELD(threads), 1, 64},
    {"app.max_request_line", CONF_UINT, FIELD(max_request_line), 256, 1 << 20},
    {"app.max_header_bytes", CONF_UINT, FIELD(max_header_bytes), 256, 1 << 20},
    {"app.max_queue", CONF_UINT, FIELD(max_queue), 0, 100000000},
    {"app.disk_reserve_bytes", CONF_UINT, FIELD(disk_reserve), 0, INT64_MAX},
    {"app.login_failures", CONF_UINT, FIELD(login_failures), 0, 1000000},
    {"app.login_lock_seconds", CONF_UINT, FIELD(login_lock_s), 1, 7 * 86400},
    {"app.credentials[].username", CONF_TEXT, NOBODY, 0, 0},
    {"app.credentials[].password", CONF_SECRET, NOBODY, 0, 0},
    {"app.credentials[].password_file", CONF_PATH, NOBODY, 0, 0},
    {"app.credentials[].addresses", CONF_TEXTS, NOBODY, 0, 0},
    {"app.credentials[].origins", CONF_TEXTS, NOBODY, 0, 0},
    {"app.credentials[].zones", CONF_TEXT, NOBODY, 0, 0},
    {"app.sandbox", CONF_BOOL, FIELD(sandbox), 0, 0},
    {"app.ssl_enable", CONF_BOOL, FIELD(ssl_enable), 0, 0},
    {"app.ssl_cert", CONF_PATH, FIELD(ssl_cert), 0, 0},
    {"app.ssl_key", CONF_PATH, FIELD(ssl_key), 0, 0},
    {"app.ssl_bundle", CONF_PATH, FIELD(ssl_bundle), 0, 0},
    {"app.proxy_support", CONF_BOOL, FIELD(proxy_support), 0, 0},
    {"app.trusted_proxies", CONF_TEXTS, NOBODY, 0, 0},
    {"app.proxy_support_base", CONF_TEXT, NOBODY, 0, 0},
    {"app.log_level", CONF_TEXT, NOBODY, 0, 0},
    {"app.log_to", CONF_TEXT, NOBODY, 0, 0},
    {"app.token_valid_for_days", CONF_UINT, NOBODY, ANY},
    {"app.queue_location", CONF_PATH, NOBODY, 0, 0},
    {"queue.retry_schedule", CONF_UINTS, NOBODY, 1, 7 * 86400},
    {"queue.batch_zones", CONF_UINT, FIELD(batch_zones), 1, 100000},
    {"queue.batch_bytes", CONF_UINT, FIELD(batch_bytes), 1024, 1 << 30},
    {"queue.rescan_seconds", CONF_UINT, FIELD(rescan_s), 1, 3600},
    {"queue.linger_seconds", CONF_UINT, FIELD(linger_s), 0, 86400},
    {"queue.compare_hours", CONF_UINT, FIELD(compare_hours), 0, 87600},
    {"queue.stop_seconds", CONF_UINT, FIELD(stop_s), 0, 600},
    {"reconciliation.enabled", CONF_BOOL, FIELD(reconcile.enabled), 0, 0},
    {"reconciliation.dry_run", CONF_BOOL, FIELD(reconcile.dry_run), 0, 0},
    {"reconciliation.interval_minutes", CONF_UINT, FIELD(reconcile.interval_min), 1, 525600},
    {"reconciliation.initial_delay_minutes", CONF_UINT, FIELD(reconcile.delay_min), 0, 525600},
    {"reconciliation.verify_ssl", CONF_BOOL, FIELD(reconcile.verify_ssl), 0, 0},
    {"reconciliation.ipp", CONF_UINT, FIELD(reconcile.ipp), 1, 1000000},
    {"reconciliation.timeout", CONF_UINT, FIELD(reconcile.timeout_s), 1, 3600},
    {"reconciliation.requests_per_second", CONF_UINT, FIELD(reconcile.rate), 0, 100000},
    {"reconciliation.lockout_hours", CONF_UINT, FIELD(reconcile.lockout_hours), 1, 8760},
    {"reconciliation.confirm_runs", CONF_UINT, FIELD(reconcile.confirm_runs), 1, 1000},
    {"reconciliation.grace_hours", CONF_UINT, FIELD(reconcile.grace_hours), 0, 87600},
    {"reconciliation.deep_hours", CONF_UINT, FIELD(reconcile.deep_hours), 0, 87600},
    {"reconciliation.max_delete_percent", CONF_UINT, FIELD(reconcile.max_delete_percent), 0, 100},
    {"reconciliation.max_deletes", CONF_UINT, FIELD(reconcile.max_deletes), 0, 100000000},
    {"reconciliation.archive_days", CONF_UINT, FIELD(reconcile.archive_days), 0, 36500},
    {"reconciliation.rrsig_days", CONF_UINT, FIELD(reconcile.rrsig_days), 0, 3650},
    {"reconciliation.resolver", CONF_TEXT, FIELD(reconcile.resolver), 0, 0},
    {"reconciliation.directadmin_servers[].hostname", CONF_TEXT, NOBODY, 0, 0},
    {"reconciliation.directadmin_servers[].address", CONF_TEXT, NOBODY, 0, 0},
    {"reconciliation.directadmin_servers[].port", CONF_UINT, NOBODY, PORT},
    {"reconciliation.directadmin_servers[].username", CONF_TEXT, NOBODY, 0, 0},
    {"reconciliation.directadmin_servers[].password", CONF_SECRET, NOBODY, 0, 0},
    {"reconciliation.directadmin_servers[].password_file", CONF_PATH, NOBODY, 0, 0},
    {"reconciliation.directadmin_servers[].ssl", CONF_BOOL, NOBODY, 0, 0},
    {"reconciliation.directadmin_servers[].verify_ssl", CONF_BOOL, NOBODY, 0, 0},
    {"reconciliation.directadmin_servers[].ca_file", CONF_PATH, NOBODY, 0, 0},
    {"reconciliation.directadmin_servers[].pin", CONF_TEXT, NOBODY, 0, 0},
    {"reconciliation.directadmin_servers[].dns_server", CONF_TEXT, NOBODY, 0, 0},
    {"reconciliation.directadmin_servers[].origins", CONF_TEXTS, NOBODY, 0, 0},
    {"peer_sync.enabled", CONF_BOOL, NOBODY, 0, 0},
    {"peer_sync.interval_minutes", CONF_UINT, NOBODY, ANY},
    {"peer_sync.auth_username", CONF_TEXT, NOBODY, 0, 0},
    {"peer_sync.auth_password", CONF_SECRET, NOBODY, 0, 0},
    {"peer_sync.peers[].url", CONF_TEXT, NOBODY, 0, 0},
    {"peer_sync.peers[].username", CONF_TEXT, NOBODY, 0, 0},
    {"peer_sync.peers[].password", CONF_SECRET, NOBODY, 0, 0},
    {"dns.default_backend", CONF_TEXT, NOBODY, 0, 0},
};
const size_t conf_nkeys = sizeof(conf_keys) / sizeof(conf_keys[0]);

const struct conf_kind_key conf_kind_keys[] = {
    {"bind", "zones_dir", CONF_PATH, 0, 0},
    {"bind", "named_conf", CONF_PATH, 0, 0},
    {"bind", "mode", CONF_TEXT, 0, 0},
    {"bind", "control", CONF_TEXT, 0, 0},
    {"bind", "key_file", CONF_PATH, 0, 0},
    {"bind", "view", CONF_TEXT, 0, 0},
    {"bind", "server", CONF_TEXT, 0, 0},
    {"bind", "rndc", CONF_PATH, 0, 0},
    {"bind", "checkzone", CONF_PATH, 0, 0},
    {"nsd", "zones_dir", CONF_PATH, 0, 0},
    {"nsd", "nsd_conf", CONF_PATH, 0, 0},
    {"nsd", "control", CONF_TEXT, 0, 0},
    {"nsd", "pattern", CONF_TEXT, 0, 0},
    {"nsd", "server_cert_file", CONF_PATH, 0, 0},
    {"nsd", "control_key_file", CONF_PATH, 0, 0},
    {"nsd", "control_cert_file", CONF_PATH, 0, 0},
    {"nsd", "checkzone", CONF_PATH, 0, 0},
    {"nsd", "server", CONF_TEXT, 0, 0},
    {"knot", "control", CONF_PATH, 0, 0},
    {"knot", "zones_dir", CONF_PATH, 0, 0},
    {"knot", "template", CONF_TEXT, 0, 0},
    {"knot", "mode", CONF_TEXT, 0, 0},
    {"knot", "checkzone", CONF_PATH, 0, 0},
    {"knot", "server", CONF_TEXT, 0, 0},
    {"powerdns", "url", CONF_TEXT, 0, 0},
    {"powerdns", "api_key", CONF_SECRET, 0, 0},
    {"powerdns", "api_key_file", CONF_PATH, 0, 0},
    {"powerdns", "server_id", CONF_TEXT, 0, 0},
    {"powerdns", "kind", CONF_TEXT, 0, 0},
    {"powerdns", "ca_file", CONF_PATH, 0, 0},
    {"powerdns", "server", CONF_TEXT, 0, 0},
    {"mysql", "host", CONF_TEXT, 0, 0},
    {"mysql", "hosts", CONF_TEXTS, 0, 0},
    {"mysql", "port", CONF_UINT, PORT},
    {"mysql", "socket", CONF_PATH, 0, 0},
    {"mysql", "database", CONF_TEXT, 0, 0},
    {"mysql", "username", CONF_TEXT, 0, 0},
    {"mysql", "password", CONF_SECRET, 0, 0},
    {"mysql", "password_file", CONF_PATH, 0, 0},
    {"mysql", "ssl_ca", CONF_PATH, 0, 0},
    {"mysql", "ssl_cert", CONF_PATH, 0, 0},
    {"mysql", "ssl_key", CONF_PATH, 0, 0},
    {"mysql", "ssl_verify", CONF_BOOL, 0, 0},
    {"mysql", "connect_timeout", CONF_UINT, 1, 3600},
    {"mysql", "read_timeout", CONF_UINT, 1, 3600},
    {"mysql", "write_timeout", CONF_UINT, 1, 3600},
    {"mysql", "table_name", CONF_TEXT, 0, 0},
    {"mysql", "zones_table", CONF_TEXT, 0, 0},
    {"mysql", "records_table", CONF_TEXT, 0, 0},
    {"mysql", "schema", CONF_TEXT, 0, 0},
    {"mysql", "adopt", CONF_BOOL, 0, 0},
    {"mysql", "server", CONF_TEXT, 0, 0},
    {"mysql", "refresh", CONF_UINT, 1, 3600},
};
const size_t conf_nkind_keys = sizeof(conf_kind_keys) / sizeof(conf_kind_keys[0]);

const char *conf_kind_wrong(const char *kind, const char *key, const char *value)
{
	bool bind_mode = strcmp(kind, "bind") == 0 && strcmp(key, "mode") == 0;
	if (bind_mode && strcmp(value, "addzone") != 0 && strcmp(value, "include") != 0)
		return "must be addzone or include";
	bool knot_mode = strcmp(kind, "knot") == 0 && strcmp(key, "mode") == 0;
	if (knot_mode && strcmp(value, "conf") != 0 && strcmp(value, "zonefile-only") != 0)
		return "must be conf or zonefile-only";
	bool pdns_kind = strcmp(kind, "powerdns") == 0 && strcmp(key, "kind") == 0;
	if (pdns_kind && strcmp(value, "Native") != 0 && strcmp(value, "Primary") != 0)
		return "must be Native or Primary";
	bool schema = strcmp(kind, "mysql") == 0 && strcmp(key, "schema") == 0;
	if (schema && strcmp(value, "coredns") != 0 && strcmp(value, "powerdns") != 0)
		return "must be coredns or powerdns";
	return NULL;
}

const char *conf_lacks(const struct conf_target *t)
{
	static const char *const with_files[] = {"bind", "nsd", "knot"};
	const char *mode = conf_option(t, "mode", "");
	for (size_t i = 0; i < 3; i++) {
		if (strcmp(t->type, with_files[i]) == 0 &&
		    conf_option(t, "zones_dir", NULL) == NULL)
			return "zones_dir is missing";
	}
	if (strcmp(t->type, "bind") == 0 && strcmp(mode, "include") == 0 &&
	    conf_option(t, "named_conf", NULL) == NULL)
		return "mode include needs named_conf";
	if (strcmp(t->type, "powerdns") == 0 && conf_option(t, "api_key", NULL) == NULL &&
	    conf_option(t, "api_key_file", NULL) == NULL)
		return "api_key or api_key_file is missing";
	return NULL;
}
