/* dns_admin: CMD_API_DNS_ADMIN, the calls that ask for zones and change them.
 *
 * action=exists, rawsave or delete, as DirectAdmin's multi-server set-up sends them; parameters
 * come in the query or in an urlencoded body.  The caller has let the request in (req->as).
 * error=0 to a change is answered only when its jobs are durable in the spool.  A refused zone gets
 * status 200 with error=1, because DirectAdmin reads only that.
 */
#ifndef DDO_DNS_ADMIN_H
#define DDO_DNS_ADMIN_H

#include "answer.h"
#include "api.h"

void dns_admin(struct api *api, const struct api_request *req, struct answer *out);
/* The body is too large to be read: if the request is a save, keeps that it was refused. */
void dns_admin_too_large(struct api *api, const struct api_request *req, const char *why);

#endif
