/* peers: peer_sync: other nodes, as the file and DirectDNSOnly's variables name them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_private.h"
#include "conf/env.h"

#define PEERS "peer_sync.peers"
#define NOT_A_URL "must begin with http:// or https://"
#define PEER_ENV "DADNS_PEER_SYNC_PEER_"

static bool is_url(const char *s)
{
	return strncmp(s, "http://", 7) == 0 || strncmp(s, "https://", 8) == 0;
}

/* The index after the last one of the file; UINT_MAX when `url` is a peer already. */
static unsigned next_index(const struct conf_entries *all, const char *url)
{
	unsigned next = 0;
	for (size_t i = 0; i < all->count; i++) {
		const struct conf_entry *e = &all->list[i];
		const char *rest = entry_index_end(e->path, PEERS);
		if (rest == NULL)
			continue;
		unsigned index = (unsigned)strtoul(e->path + strlen(PEERS "["), NULL, 10);
		next = index + 1 > next ? index + 1 : next;
		if (strcmp(rest, ".url") == 0 && e->value != NULL && strcmp(e->value, url) == 0)
			return UINT32_MAX;
	}
	return next;
}

/* "" or "1_" to "9_".  0: the environment has no such peer. */
static int add_numbered(struct conf_entries *all, const char *number, struct err *err)
{
	static const char *const keys[][2] = {{"URL", "url"}, {"USERNAME", "username"},
	    {"PASSWORD", "password"}, {"PASSWORD_FILE", "password_file"}};
	char name[64], path[64];
	snprintf(name, sizeof(name), PEER_ENV "%sURL", number);
	const char *url = getenv(name);
	if (url == NULL || url[0] == '\0')
		return 0;
	if (!is_url(url))
		return err_set(err, "environment: %s: " NOT_A_URL, name);
	unsigned at = next_index(all, url);
	for (size_t i = 0; at != UINT32_MAX && i < 4; i++) {
		snprintf(name, sizeof(name), PEER_ENV "%s%s", number, keys[i][0]);
		snprintf(path, sizeof(path), PEERS "[%u].%s", at, keys[i][1]);
		const char *value = getenv(name);
		if (value != NULL && conf_env_text(name, value, err) < 0)
			return -1;
		if (value != NULL)
			conf_entries_add(all, path, value, 0);
	}
	return 1;
}

int conf_env_peers(struct conf_entries *all, struct err *err)
{
	int r = add_numbered(all, "", err);
	for (int i = 1; r >= 0 && i <= 9; i++) {
		char number[16];
		snprintf(number, sizeof(number), "%d_", i);
		r = add_numbered(all, number, err);
		if (r == 0)
			break; /* as DirectDNSOnly: the first missing number ends the list */
	}
	return r < 0 ? -1 : 0;
}

int conf_load_peers(struct conf *c, const struct conf_entries *all, struct err *err)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct conf_entry *e = &all->list[i];
		const char *rest = entry_index_end(e->path, PEERS);
		if (e->value == NULL || e->null)
			continue;
		if (c->peer_sync && strcmp(e->path, "peer_sync.auth_password") == 0 &&
		    strcmp(e->value, "changeme") == 0)
			return entry_wrong(
			    c, e, "\"changeme\" is everybody's password: set another", err);
		if (rest != NULL && strcmp(rest, ".url") == 0 && !is_url(e->value))
			return entry_wrong(c, e, NOT_A_URL, err);
	}
	return 0;
}
