/* conf: app.yml, from YAML to a checked configuration. */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	char path[64];
	struct conf *conf;
	struct err err = {""};
	if (fd < 0)
		fd = memfd_create("app.yml", 0);
	HOLDS(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	HOLDS(file_write_all(fd, data, size) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (conf_load(&conf, path, &err) == 0) {
		HOLDS(conf->spool_dir[0] == '/' && conf->nretry > 0 && conf->threads > 0);
		for (size_t i = 0; i < conf->ntargets; i++) {
			HOLDS(
			    conf->targets[i].name[0] != '-' && conf->targets[i].program[0] == '/');
			HOLDS(conf_find_target(conf, conf->targets[i].name) != NULL);
		}
		for (size_t i = 0; i < conf->nlogins; i++)
			HOLDS(conf->logins[i].username[0] != '\0' &&
			      conf->logins[i].password[0] != '\0');
		conf_free(conf);
	} else {
		HOLDS(err.text[0] != '\0' && strchr(err.text, '\n') == NULL);
	}
	return 0;
}
