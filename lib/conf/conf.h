/* conf: /etc/ddo/app.yml (ddo-app.yml(5)).
 *
 * conf_load() reads the whole file with libyaml, applies the environment, and checks every entry
 * against one table of keys (schema.c).  The environment overrides any scalar: DADNS_ and the key
 * path in capitals, '.' and '-' as '_' (DADNS_APP_AUTH_PASSWORD, DADNS_DNS_BACKENDS_NS1_HOST).  An
 * unknown key, a wrong type, a value out of range, a duplicate key, a missing or unreadable file:
 * -1 and one line, "FILE:LINE: KEY: what is wrong".  No reason holds a secret.
 *
 * conf knows no kind of target.  Below dns.backends.NAME it reads type, enabled, program and
 * timeout; every other key is an option, which the push program checks (push/options.h).
 *
 * All strings belong to the conf and live until conf_free().  Nothing changes after the load.
 */
#ifndef DDO_CONF_H
#define DDO_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/net.h"

#define CONF_DEFAULT_FILE "/etc/ddo/app.yml"

enum conf_shape { CONF_VALUE, CONF_NULL, CONF_LIST, CONF_ELEMENT };

struct conf_option {
	char *key; /* "zones_dir"; each element of a list has the key of the list */
	enum conf_shape shape;
	char *value;   /* NULL: null, or the list (or mapping) itself, whose elements follow */
	unsigned line; /* 0: from the environment */
};

struct conf_target {
	char *name;         /* key below dns.backends: 1 to 64 of [A-Za-z0-9_-], no '-' first */
	unsigned line;      /* of that key; 0: from the environment */
	char *type;         /* `type:`, default: the name */
	bool enabled;       /* default: true */
	char *program;      /* absolute path: `program:`, else libexec_dir/ddo-push-KIND */
	bool by_type;       /* program comes from the type */
	unsigned timeout_s; /* `timeout:`, deadline of one batch; default: 120 */
	size_t noptions;
	struct conf_option *options; /* everything else, in the order of the file, unchecked */
};

struct conf_login {
	char *username;
	char *password; /* plain, or a crypt(3) hash */
	size_t naddresses;
	struct net *addresses; /* it may come from these only; none: from anywhere */
	size_t norigins;
	char **origins; /* it may speak for these only, in normal form; none: for any */
	bool owned;     /* `zones: owned`: new zones and those of its origins only */
};

struct conf_da {          /* reconciliation.directadmin_servers: a DirectAdmin that may be asked */
	char *hostname;   /* normal; what it calls itself in hostname= of its pushes */
	char *address;    /* connect to this one instead of looking hostname up; NULL: look up */
	unsigned port;    /* 2222 */
	char *username;   /* NULL when absent, as password */
	char *password;   /* password or password_file */
	bool ssl;         /* default true */
	bool verify_ssl;  /* default: that of reconciliation */
	char *ca_file;    /* PEM; NULL: the system's */
	char *pin;        /* "sha256//BASE64" of the server's public key; it counts, not a CA */
	char *dns_server; /* its own name server, "ADDR" or "ADDR:PORT"; NULL: is not asked */
	size_t norigins;
	char **origins; /* further names or addresses under which it pushes, in normal form */
};

struct conf_reconcile { /* reconciliation */
	bool enabled;   /* for ddo-reconcile -w */
	bool dry_run;
	unsigned interval_min;       /* interval_minutes, 60 */
	unsigned delay_min;          /* initial_delay_minutes, 0 */
	bool verify_ssl;             /* true */
	unsigned ipp;                /* zones a page, 1000 */
	unsigned timeout_s;          /* timeout, of one call, 30 */
	unsigned rate;               /* requests_per_second, to each DirectAdmin, 10; 0: no limit */
	unsigned lockout_hours;      /* 24 */
	unsigned confirm_runs;       /* 2 */
	unsigned grace_hours;        /* 24 */
	unsigned deep_hours;         /* 0: never by itself */
	unsigned max_delete_percent; /* 10 */
	unsigned max_deletes;        /* 50 */
	unsigned archive_days;       /* 90; 0: for ever */
	unsigned rrsig_days;         /* 3 */
	char *resolver;              /* "ADDR" or "ADDR:PORT", for --delegation; NULL: none */
};

struct conf {
	char *file;
	char *spool_dir;   /* queue_location, default /var/spool/ddo */
	char *db_path;     /* datastore.db_location, default /var/lib/ddo/zones.db */
	char *run_dir;     /* run_dir, default /run/ddo */
	char *libexec_dir; /* libexec_dir, default PREFIX/libexec/ddo (macro LIBEXECDIR) */
	char *log_level;   /* error, warn(ing), info, debug; any case; default info */

	char *auth_username;  /* app.auth_username, default "directdnsonly" */
	char *auth_password;  /* plain or crypt(3) hash; from auth_password or auth_password_file
			       * (trailing  newline removed); NULL when none is configured.  The two
			       * together: error. */
	unsigned listen_port; /* app.listen_port, 2222 */
	bool check_subdomain_owner; /* app.check_subdomain_owner_in_cluster_domainowners, default
				       true */
	size_t max_body;            /* app.max_body_bytes, 16 MiB: 1 KiB to 1 GiB */
	size_t max_zone;            /* app.max_zone_bytes, of a zone as zone_render() writes it,
				       64 MiB */
	bool single_label;          /* app.allow_single_label: zones like com, off */
	size_t max_records;         /* app.max_records, records a zone, 100000 */
	unsigned max_connections;   /* app.max_connections, 1000 */
	unsigned max_connections_per_address; /* app.max_connections_per_address, 100 */
	unsigned request_timeout_s;           /* app.request_timeout, 30 */
	unsigned threads;                     /* app.threads, 8: 1 to 64 */

	size_t max_request_line; /* app.max_request_line, bytes of method, URI and version, 32768 */
	size_t max_header_bytes; /* app.max_header_bytes, of all header lines, 32768 */
	size_t max_queue;        /* app.max_queue, jobs in spool/new, 200000; 0: no limit */
	size_t disk_reserve;     /* app.disk_reserve_bytes, 16 MiB */
	unsigned login_failures; /* app.login_failures, 10; 0: no lock */
	unsigned login_lock_s;   /* app.login_lock_seconds, 300 */
	bool sandbox;            /* app.sandbox, on */
	bool ssl_enable;         /* app.ssl_enable, off; for listeners of our own */
	char *ssl_cert;          /* app.ssl_cert, ssl_key: PEM; NULL when absent */
	char *ssl_key;
	char *ssl_bundle;   /* app.ssl_bundle: certificates between ours and the root */
	bool proxy_support; /* app.proxy_support, off */
	size_t nproxies;
	struct net *proxies; /* app.trusted_proxies, default this machine; none without
				proxy_support */

	size_t nlogins; /* the one of app.auth_username first, then app.credentials */
	struct conf_login *logins;

	size_t nretry;
	unsigned *retry_s; /* queue.retry_schedule, list of seconds, default 30 120 300 900 1800 */
	unsigned batch_zones; /* queue.batch_zones, 1000 */
	size_t batch_bytes;   /* queue.batch_bytes, 16 MiB */
	unsigned rescan_s;    /* queue.rescan_seconds, 15 */
	unsigned linger_s;    /* queue.linger_seconds, 30: an idle push process stays this long */
	unsigned
	    compare_hours; /* queue.compare_hours, 24: targets with the store; 0: never by time */
	unsigned stop_s;   /* queue.stop_seconds, 5: grace for what is under way at SIGTERM */

	struct conf_reconcile reconcile;
	size_t nda;
	struct conf_da *da; /* in the order of the file */

	size_t ntargets;
	struct conf_target *targets; /* in the order of the file, disabled ones included */
};

/* path NULL: $DDO_CONFIG, else CONF_DEFAULT_FILE. */
int conf_load(struct conf **out, const char *path, struct err *err);
void conf_free(struct conf *c);

const struct conf_target *conf_find_target(const struct conf *c, const char *name);
/* The DirectAdmin with that host name or origin (normal form), or NULL. */
const struct conf_da *conf_find_da(const struct conf *c, const char *host);
/* The kind behind a type: "mysql" of "coredns_mysql", else the type itself. */
const char *conf_kind(const char *type);
/* Is it one of ddo's own types?  Their push programs know serials and digests. */
bool conf_known_kind(const char *type);
/* -1 when the type of an enabled target has no push program in libexec_dir; err lists the types
 * that have one.  Asks the file system, so conf_load() does not call it: ddo-queue does. */
int conf_find_program(const struct conf *c, const struct conf_target *t, struct err *err);
/* -1 with "FILE:LINE: KEY: why" for an option, for the target itself when `o` is NULL. */
int conf_option_wrong(const struct conf *c, const struct conf_target *t,
    const struct conf_option *o, const char *why, struct err *err);
/* The first line of a file that holds a secret, for free().  -1: unreadable or empty. */
int conf_read_secret(const char *path, char **out, struct err *err);
/* Is the password a crypt(3) hash, not the password itself? */
bool conf_is_hash(const char *password);
/* Of a value that was checked to be a boolean. */
bool conf_is_true(const char *value);
/* The option's value (the first one of a list) or `fallback`. */
const char *conf_option(const struct conf_target *t, const char *key, const char *fallback);

#endif
