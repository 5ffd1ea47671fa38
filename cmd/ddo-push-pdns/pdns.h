/* pdns: what the parts of ddo-push-pdns share. */
#ifndef DDO_PDNS_PDNS_H
#define DDO_PDNS_PDNS_H

#include <jansson.h>

#include "api.h"
#include "push/confirm.h"
#include "push/main.h"

#define ACCOUNT "ddo" /* of the zones that are ddo's */

extern const struct push_options pdns_options; /* options.c */

struct pdns {
	struct api *api;
	const char *url, *server_id; /* for words */
	char *key_from_file;         /* or NULL */
	const char *kind;            /* "Native", "Primary" */
	struct confirm dns;
};

int pdns_apply(void *ctx, struct push_item *items, size_t count, struct err *err);
int pdns_flush(void *ctx, struct push_item *const *late, size_t count, struct err *err);
int pdns_list(void *ctx, FILE *out, struct err *err);

/* "/zones/NAME", encoded as the API wants it. */
void pdns_zone_path(const char *zone, struct buf *out);
/* The zone that the API's "rrsets" make, without what is disabled; NULL: they make none. */
struct zone *pdns_read_zone(const char *name, const json_t *rrsets);

/* changes.c: all RRsets of the zone, for a POST. */
int changes_all(const struct zone *z, json_t **out, struct err *err);
/* What makes `rrsets`, as the API gave them, the zone: an array for a PATCH, empty when it is.  The
 * RRsets that are written are added to `written`. */
int changes_between(const json_t *rrsets, const struct zone *z, json_t **out,
    struct changed *written, struct err *err);

/* reword.c: PowerDNS wants some records in words of its own, and says which ("parsed as '...'"), or
 * does not know a type's name.  Puts into `changes` the words that it wants when they are the same
 * record, or those of RFC 3597; false: that was not the matter. */
bool changes_reword(json_t *changes, const struct zone *z, const char *words);

#endif
