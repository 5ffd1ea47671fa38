/* confine: the paths that stay open to ddo-httpd in its sandbox (app.sandbox). */
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "modes.h"
#include "sandbox.h"

/* "live/cert.pem" may be a link into "archive/": a renewal changes both directories. */
static void add_directory(struct sandbox_path *paths, size_t *count, const char *file, bool real)
{
	char *path = file == NULL ? NULL : real ? realpath(file, NULL) : mem_dup(file);
	if (path != NULL)
		paths[(*count)++] = (struct sandbox_path){.path = dirname(path)};
}

int confine(const struct api *api, const char *record_dir, struct err *what)
{
	const struct conf *conf = api->conf;
	struct sandbox_path paths[16];
	size_t count = 0;
	err_set(what, "sandbox: off");
	if (!conf->sandbox)
		return 0;
	paths[count++] = (struct sandbox_path){.path = conf->spool_dir, .write = true};
	add_directory(paths, &count, conf->db_path, false);
	paths[count++] = (struct sandbox_path){.path = conf->run_dir};
	if (record_dir != NULL)
		paths[count++] = (struct sandbox_path){.path = record_dir, .write = true};
	if (conf->ssl_enable) {
		const char *const files[] = {conf->ssl_cert, conf->ssl_key, conf->ssl_bundle};
		for (size_t i = 0; i < 3; i++) {
			add_directory(paths, &count, files[i], false);
			add_directory(paths, &count, files[i], true);
		}
	}
	struct err why;
	if (sandbox_enter(paths, count, &why) < 0)
		return err_set(what, "%s; app.sandbox: off turns the sandbox off", why.text);
	*what = why;
	return 0;
}
