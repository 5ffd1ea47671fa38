/* login: lets a request in, and makes guessing slow (login.h). */
#include "login.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/msg.h"
#include "client.h"

#define DELAY_FROM 3  /* from this failed login of an address on, answers come late */
#define DELAY_MS 250U /* doubled each time */
#define DELAY_MOST_MS 4000U
#define PACE_MS (LOGIN_WAIT_MS * 4 / 5) /* below the wait, which may end a bit early */
#define PATIENCE_MS 30000               /* how long a request waits for its turn */

static bool may_come(const struct conf_login *l, const struct api_request *req)
{
	return l != NULL &&
	       (l->naddresses == 0 || net_has(l->addresses, l->naddresses, req->client));
}

static void lock_out(struct api *api, const struct api_request *req, struct answer *out)
{
	unsigned left_s = 0;
	shared_failures(api->shared, req->client, api->conf->login_lock_s, &left_s);
	shared_add(api->shared, COUNT_LOCKED_OUT, 1);
	msg_info("locked out for %u s more: %s", left_s, client_shown(req->client));
	answer_fail(out, 429, "Too many failed logins", "this address is locked out for now");
	snprintf(out->value_text, sizeof(out->value_text), "%u", left_s);
	out->header = "Retry-After";
	out->value = out->value_text;
}

/* The filter in etc/fail2ban matches this line. */
static void tell_failed(struct api *api, const struct api_request *req, const struct conf_login *l,
    enum auth_found found)
{
	const char *why = found == AUTH_GOOD && !may_come(l, req)
			      ? "not one of this login's addresses"
			      : "wrong user name or password";
	shared_add(api->shared, COUNT_LOGIN_FAILED, 1);
	msg_warn(
	    "authentication failed for %s from %s: %s", req->login, client_shown(req->client), why);
}

static void fail(
    const struct conf *conf, const struct api_request *req, unsigned failures, struct answer *out)
{
	answer_fail(out, 401, "Authentication failed", "wrong user name or password");
	if (failures == conf->login_failures && failures > 0)
		msg_warn("locked out for %u s after %u failed logins: %s", conf->login_lock_s,
		    failures, client_shown(req->client));
	if (failures >= DELAY_FROM) {
		unsigned doubled = failures - DELAY_FROM < 5 ? failures - DELAY_FROM : 5;
		unsigned delay = DELAY_MS << doubled;
		out->delay_ms = delay < DELAY_MOST_MS ? delay : DELAY_MOST_MS;
	}
}

static enum shared_turn take_turn(
    struct api *api, struct api_request *req, const struct shared_lock *lock)
{
	int64_t now = clock_mono_ms();
	if (req->waits_since == 0)
		req->waits_since = now;
	enum shared_turn turn =
	    req->behind ? TURN_LATER : shared_turn(api->shared, req->client, lock);
	bool patient = !req->hurry && now - req->waits_since < PATIENCE_MS;
	return turn != TURN_LATER || patient ? turn : TURN_NEVER;
}

static bool log_in_free(
    struct api *api, struct api_request *req, unsigned failures, struct answer *out);

/* A login from a locked address.  One that cannot succeed costs no hash here, or a guesser could
 * spend our time with made-up names.  To hide the difference, every failure takes the same time. */
static bool log_in_locked(struct api *api, struct api_request *req, struct answer *out)
{
	const struct conf *conf = api->conf;
	const struct conf_login *l = NULL;
	bool trusted = client_is_named(conf, req->client) || shared_knows(api->shared, req->client);
	const struct shared_lock lock = {.window_s = conf->login_lock_s,
	    .lock = conf->login_failures,
	    .most = trusted ? UINT32_MAX : 2 * conf->login_failures,
	    .pace_ms = PACE_MS};
	enum shared_turn turn = take_turn(api, req, &lock);
	if (turn == TURN_LATER) {
		req->wait = true;
		return false;
	}
	if (turn == TURN_FREE)
		return log_in_free(api, req, 0, out);
	int64_t start = clock_mono_ms();
	enum auth_found found = AUTH_BAD;
	if (turn != TURN_NEVER) {
		found = auth_check(api->auth, req->authorization, false, &l, req->login);
		if (found == AUTH_UNSURE && may_come(l, req))
			found = auth_check(api->auth, req->authorization, true, &l, req->login);
		if (found == AUTH_GOOD && may_come(l, req)) {
			shared_give_back(api->shared, req->client, &lock);
			shared_know(api->shared, req->client, conf->login_lock_s);
			req->as = l;
			return true;
		}
		tell_failed(api, req, l, found);
	}
	lock_out(api, req, out);
	int64_t took = clock_mono_ms() - start;
	if (turn != TURN_NEVER && took < DELAY_MOST_MS)
		out->delay_ms = DELAY_MOST_MS - (unsigned)took;
	return false;
}

/* A login from an address that is not locked.  It counts the failure before it computes a hash:
 * otherwise many logins at once would all find the address unlocked. */
static bool log_in_free(
    struct api *api, struct api_request *req, unsigned failures, struct answer *out)
{
	const struct conf *conf = api->conf;
	const struct conf_login *l;
	unsigned most = conf->login_failures, counted = 0;
	enum auth_found found = auth_check(api->auth, req->authorization, false, &l, req->login);
	if (found != AUTH_GOOD || !may_come(l, req)) {
		if (most > 0 &&
		    !shared_fail(api->shared, req->client, conf->login_lock_s, most, &failures))
			return log_in_locked(api, req, out);
		counted = 1;
		if (found == AUTH_UNSURE)
			found = auth_check(api->auth, req->authorization, true, &l, req->login);
	}
	if (found == AUTH_GOOD && may_come(l, req)) {
		if (most > 0 && failures > 0)
			shared_forget(api->shared, req->client, conf->login_lock_s, most, counted);
		if (most > 0)
			shared_know(api->shared, req->client, conf->login_lock_s);
		req->as = l;
		return true;
	}
	tell_failed(api, req, l, found);
	fail(conf, req, failures, out);
	return false;
}

bool login_check(struct api *api, struct api_request *req, struct answer *out)
{
	const struct conf *conf = api->conf;
	unsigned left_s = 0, failures = 0;
	if (req->authorization == NULL) { /* many clients send them only when asked */
		msg_info("no credentials from %s", client_shown(req->client));
		answer_fail(out, 401, "Authentication failed", "no credentials");
		return false;
	}
	if (conf->login_failures > 0)
		failures = shared_failures(api->shared, req->client, conf->login_lock_s, &left_s);
	if (conf->login_failures > 0 && failures >= conf->login_failures)
		return log_in_locked(api, req, out);
	return log_in_free(api, req, failures, out);
}
