/* lasting: will NSD take zones by the pattern, and start again with them? */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "nsd.h"
#include "push/files/peer.h"

#define CAP_DAC_OVERRIDE 1

/* NSD looks for the pattern before it looks at the name, which is none. */
int nsd_pattern(struct nsd *n, struct err *err)
{
	struct buf command = {0};
	struct err why;
	if (n->p.list != NULL)
		return 0;
	buf_addf(&command, "addzone .. %s", n->pattern);
	int r = control_command(n->control, buf_str(&command), NULL, NULL, &why);
	buf_free(&command);
	if (r < 0)
		return err_set(err, "%s", why.text);
	return strstr(why.text, "pattern") == NULL
		   ? 0
		   : err_set(err,
			 "NSD has no pattern %s: add it to nsd.conf, with zonefile \"%s/%%s.db\"",
			 n->pattern, n->p.zones_dir);
}

/* May root open it without CAP_DAC_OVERRIDE? */
static bool is_roots(const struct stat *st)
{
	return (st->st_uid == 0 && (st->st_mode & S_IWUSR) != 0) ||
	       (st->st_gid == 0 && (st->st_mode & S_IWGRP) != 0) || (st->st_mode & S_IWOTH) != 0;
}

bool nsd_starts_again(const struct nsd *n)
{
	static const char key[] = "CapBnd:";
	struct buf status = {0};
	struct stat st;
	if (n->p.list != NULL || n->control_path[0] != '/' || stat(n->zone_list, &st) < 0 ||
	    is_roots(&st) || !peer_read(n->control_path, "status", &status))
		return true;
	const char *caps = strstr(buf_str(&status), key);
	unsigned long long set = caps == NULL ? ~0ULL : strtoull(caps + sizeof(key) - 1, NULL, 16);
	buf_free(&status);
	return (set >> CAP_DAC_OVERRIDE & 1) != 0;
}
