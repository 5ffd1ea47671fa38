/* pdns: what the parts of ddo-push-pdns share.
 *
 * ddo creates its zones with the account "ddo" and touches no other zone.  pdns_apply() brings each
 * zone by a series of API calls (apply.c) to the records that it should hold (changes.c, reword.c),
 * then confirms over DNS.  pdns_list() reads all zones.  Both return 0, or -1 with err when
 * PowerDNS itself is down.  JSON that a function gives out is for json_decref().
 */
#ifndef DDO_PDNS_PDNS_H
#define DDO_PDNS_PDNS_H

#include <jansson.h>

#include "api.h"
#include "push/confirm_rows.h"
#include "push/main.h"

#define ACCOUNT "ddo" /* of the zones that are ddo's */

extern const struct push_options pdns_options; /* options.c */

struct pdns {
	struct api *api;
	const char *url, *server_id; /* for messages */
	char *key_from_file;         /* or NULL */
	const char *kind;            /* "Native", "Primary" */
	struct confirm_rows dns;
};

int pdns_apply(void *ctx, struct push_item *items, size_t count, struct err *err);
int pdns_flush(void *ctx, struct push_item *const *late, size_t count, struct err *err);
int pdns_list(void *ctx, FILE *out, struct err *err);

/* "/zones/NAME", in the encoding of the API. */
void pdns_zone_path(const char *zone, struct buf *out);
/* The zone that the API's "rrsets" make, without disabled records; NULL: they make none. */
struct zone *pdns_read_zone(const char *name, const json_t *rrsets);

/* changes.c: all RRsets of the zone, for a POST. */
int changes_all(const struct zone *z, json_t **out, struct err *err);
/* The array for a PATCH that turns `rrsets`, as the API gave them, into the zone; empty when they
 * are equal.  Adds the RRsets that it writes to `written`. */
int changes_between(const json_t *rrsets, const struct zone *z, json_t **out,
    struct changed *written, struct err *err);

/* reword.c: PowerDNS refuses a record whose text is not its own form of it ("parsed as '...'"), or
 * whose type it has no name for.  Puts that form into `changes` if it is the same record, or the
 * form of RFC 3597.  False: the refusal has another reason. */
bool changes_reword(json_t *changes, const struct zone *z, const char *words);

#endif
