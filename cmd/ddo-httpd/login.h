/* login: who sends a request, and what guessing a password costs.
 *
 * Until an address is locked, each wrong login counts, and from the third on the answer comes
 * late.  From a locked address ddo-httpd tries one login at a time, however many come at once: a
 * right one is let in, a wrong one gets 429.  Requests for known and for unknown names wait alike,
 * so timing does not tell which names exist.  Limits: app.login_failures, app.login_lock.
 */
#ifndef DDO_LOGIN_H
#define DDO_LOGIN_H

#include "answer.h"
#include "api.h"

#define LOGIN_WAIT_MS 250

/* True: let in, req->as is set.  False: `out` is the answer; with req->wait there is none yet, and
 * the caller asks again in LOGIN_WAIT_MS. */
bool login_check(struct api *api, struct api_request *req, struct answer *out);

#endif
