/* conf: /etc/ddo/app.yml (ddo-app.yml(5)).
 *
 * conf_load() reads the file and each *.yml of conf.d beside it with libyaml, applies the
 * environment, and checks every entry against one table of keys (schema.c).  The environment
 * overrides any scalar: DADNS_ and the key path in capitals, '.' and '-' as '_'
 * (DADNS_DNS_BACKENDS_NS1_HOST).  An unknown key, a wrong type, a value out of range, a duplicate
 * key, a missing or unreadable file: -1 and one line, "FILE:LINE: KEY: what is wrong".  No reason
 * holds a secret.
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

enum conf_shape { CONF_VALUE, CONF_NULL, CONF_LIST, CONF_ELEMENT };

struct conf_option {
	char *key; /* "zones_dir"; each element of a list has the key of the list */
	enum conf_shape shape;
	char *value; /* NULL: null, or the list (or mapping) itself, whose elements follow */
	const char *file;
	unsigned line; /* 0: from the environment */
};

struct conf_target {
	char *name;         /* key below dns.backends: 1 to 64 of [A-Za-z0-9_-], no '-' first */
	const char *file;   /* with the first keys of it */
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
	struct net *addresses; /* may log in from these only; none: from anywhere */
	size_t norigins;
	char **origins; /* may push for these only, in normal form; none: for any */
	bool owned;     /* `zones: owned`: may push new zones and those of its origins only */
};

struct conf_da {          /* reconciliation.directadmin_servers: a DirectAdmin that ddo may ask */
	char *hostname;   /* in normal form; hostname= of its pushes */
	char *address;    /* ddo connects to it; NULL: ddo looks up hostname */
	unsigned port;    /* default: 2222 */
	char *username;   /* NULL: none, as password */
	char *password;   /* password or password_file */
	bool ssl;         /* default: true */
	bool verify_ssl;  /* default: that of reconciliation */
	char *ca_file;    /* PEM; NULL: the system's CAs */
	char *pin;        /* "sha256//BASE64" of the server's public key, instead of a CA */
	char *dns_server; /* its own name server, "ADDR" or "ADDR:PORT"; NULL: ddo asks none */
	size_t norigins;
	char **origins; /* other names or addresses from which it pushes, in normal form */
};

/* The keys below reconciliation.  The defaults of this and of struct conf are in conf.c. */
struct conf_reconcile {
	bool enabled; /* for ddo-reconcile -w */
	bool dry_run;
	unsigned interval_min; /* interval_minutes */
	unsigned delay_min;    /* initial_delay_minutes */
	bool verify_ssl;
	unsigned ipp;       /* zones a page */
	unsigned timeout_s; /* timeout, of one call */
	unsigned rate;      /* requests_per_second, to each DirectAdmin; 0: no limit */
	unsigned lockout_hours;
	unsigned confirm_runs;
	unsigned grace_hours;
	unsigned deep_hours; /* 0: only when asked */
	unsigned max_delete_percent;
	unsigned max_deletes;
	unsigned archive_days; /* 0: for ever */
	unsigned rrsig_days;
	char *resolver; /* "ADDR" or "ADDR:PORT", for --delegation; NULL: none */
};

struct conf {
	char *file;    /* app.yml, absolute */
	size_t nfiles; /* the files read: app.yml, then those of conf.d */
	char **files;
	char *spool_dir;   /* queue_location */
	char *db_path;     /* datastore.db_location */
	char *run_dir;     /* run_dir */
	char *libexec_dir; /* libexec_dir, default: PREFIX/libexec/ddo (macro LIBEXECDIR) */
	char *log_level;   /* error, warn(ing), info or debug, in any case */
	char *log_format;  /* text or json, in any case */

	/* The keys below app have the name of the field, unless the comment names another. */
	char *auth_username;
	char
	    *auth_password; /* plain or a crypt(3) hash, also from auth_password_file; NULL: none */
	unsigned listen_port;
	bool check_subdomain_owner; /* check_subdomain_owner_in_cluster_domainowners */
	size_t max_body;            /* max_body_bytes */
	size_t max_zone;            /* max_zone_bytes, of a zone as zone_render() writes it */
	bool single_label;          /* allow_single_label: zones like com */
	size_t max_records;         /* of one zone */
	unsigned max_connections;
	unsigned max_connections_per_address;
	unsigned request_timeout_s; /* request_timeout */
	unsigned threads;
	size_t max_request_line; /* bytes of method, URI and version */
	size_t max_header_bytes; /* of all header lines */
	size_t max_queue;        /* jobs in spool/new; 0: no limit */
	size_t disk_reserve;     /* disk_reserve_bytes */
	unsigned login_failures; /* 0: no lock */
	unsigned login_lock_s;   /* login_lock_seconds */
	bool sandbox;
	bool ssl_enable; /* for ddo-httpd's own listeners */
	char *ssl_cert;  /* PEM; NULL: none */
	char *ssl_key;
	char *ssl_bundle; /* certificates between ssl_cert and the root */
	bool proxy_support;
	size_t nproxies;
	struct net *proxies; /* trusted_proxies; none without proxy_support */

	size_t nlogins; /* the one of app.auth_username first, then app.credentials */
	struct conf_login *logins;

	/* The keys below queue. */
	size_t nretry;
	unsigned *retry_s; /* retry_schedule, in seconds */
	unsigned batch_zones;
	size_t batch_bytes;
	unsigned rescan_s;      /* rescan_seconds */
	unsigned linger_s;      /* linger_seconds: an idle push program stays this long */
	unsigned probe_s;       /* probe_seconds, of a target with nothing due; 0: never */
	unsigned compare_hours; /* between two comparisons with a target; 0: none by time */
	unsigned stop_s;        /* stop_seconds: how long SIGTERM waits for busy push programs */

	struct conf_reconcile reconcile;
	size_t nda;
	struct conf_da *da; /* in the order of the file */

	bool peer_sync; /* peer_sync.enabled; ddo pulls nothing from peers yet */

	size_t ntargets;
	struct conf_target *targets; /* in the order of the file, disabled ones included */
};

/* path NULL: $DDO_CONFIG, else CONF_DEFAULT_FILE of paths.h. */
int conf_load(struct conf **out, const char *path, struct err *err);
void conf_free(struct conf *c);

size_t conf_enabled_targets(const struct conf *c); /* how many */
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
/* Of the value of a boolean option, which is checked. */
bool conf_is_true(const char *value);
/* The option's value (the first one of a list) or `fallback`. */
const char *conf_option(const struct conf_target *t, const char *key, const char *fallback);

#endif
