/* api: what all requests of a process share. */
#include "api.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/msg.h"

int api_check(const struct conf *conf, struct err *err)
{
	if (conf->auth_username[0] == '\0')
		return err_set(err, "%s: app.auth_username: is empty", conf->file);
	if (conf->nlogins == 0)
		return err_set(err,
		    "%s: app.auth_password: no password is set, so no login would succeed; set one "
		    "there (plain text, or a hash from `openssl passwd -6`), name a file in "
		    "app.auth_password_file, or set DADNS_APP_AUTH_PASSWORD",
		    conf->file);
	return 0;
}

int api_test(const struct conf *conf, struct err *err)
{
	static const char *const names[] = {"", "/tmp", "/new", "/bad"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[4096];
		snprintf(path, sizeof(path), "%s%s", conf->spool_dir, names[i]);
		if (eaccess(path, R_OK | W_OK | X_OK) < 0 && errno != ENOENT)
			return err_sys(err, "cannot write %s", path);
	}
	return 0;
}

int api_open(struct api *api, const struct conf *conf, struct err *err)
{
	*api = (struct api){.conf = conf};
	if (auth_open(&api->auth, conf, err) < 0)
		return -1;
	if (spool_open(&api->spool, conf->spool_dir, true, err) < 0) {
		auth_close(api->auth);
		return -1;
	}
	if (shared_open(&api->shared, conf->spool_dir, err) < 0)
		msg_warn("cannot count failed logins and pushes, so no address is locked out: %s",
		    err->text);
	return 0;
}

void api_close(struct api *api)
{
	shared_close(api->shared);
	spool_close(api->spool);
	auth_close(api->auth);
}
