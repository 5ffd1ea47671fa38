/* routes: from a request to its answer, however HTTP comes in.
 *
 * A transport fills in the head of a struct api_request and calls routes_head() before it reads a
 * body.  True means that `out` is the answer (401, 404, 405, 413, ...), or, with req->wait, that
 * the transport calls again in LOGIN_WAIT_MS (login.h).  False means: read the body, at most
 * conf->max_body bytes, and call routes_call(), which always answers.  For a body that turns out to
 * be larger, call routes_too_large().  For one that never comes, call nothing: nothing has changed.
 * Thread-safe.
 */
#ifndef DDO_ROUTES_H
#define DDO_ROUTES_H

#include "answer.h"
#include "api.h"

bool routes_head(struct api *api, struct api_request *req, struct answer *out);
void routes_call(struct api *api, const struct api_request *req, struct answer *out);
void routes_too_large(struct api *api, const struct api_request *req, struct answer *out);

#endif
