/* call: one request with all that belongs to it: lock-out, pace, login. */
#include <string.h>

#include "base/clock.h"
#include "base/url.h"
#include "da/da_private.h"

#define LOGIN_MAX ((size_t)1 << 20)

/* Waits until the rate allows the next request. */
static void pace(struct da *da)
{
	unsigned rate = da->conf->reconcile.rate;
	int64_t now = clock_mono_ms() * 1000;
	if (rate == 0)
		return;
	if (da->next_us > now)
		clock_sleep_ms((int)((da->next_us - now + 999) / 1000));
	else
		da->next_us = now;
	da->next_us += 1000000 / rate;
}

/* Sends the request and looks for signs of failure.  *session: a redirect to a login page. */
static int ask(struct da *da, const char *path, const struct buf *form, size_t max, bool *session,
    struct err *err)
{
	struct err why;
	*session = false;
	if (da->refused) /* each try counts towards a lock-out */
		return da_fail(da, DA_LOGIN, err, "wrong user or password (not tried again)");
	if (da_lock_check(da, err) < 0)
		return -1;
	pace(da);
	if (da_http_send(da, path, form, max, err) < 0)
		return -1;
	enum da_fault f = da_answer_check(&da->reply, da->server, session, &why);
	da->refused = f == DA_LOGIN;
	if (f == DA_LOCKED)
		return da_lock_set(da, why.text, err);
	return f == DA_NONE ? 0 : da_fail(da, f, err, "%s", why.text);
}

/* CMD_LOGIN also answers a good login with a redirect. */
static int log_in(struct da *da, struct err *err)
{
	struct buf form = {0};
	bool session;
	buf_adds(&form, "username=");
	url_encode(&form, da->server->username);
	buf_adds(&form, "&password=");
	url_encode(&form, da->server->password);
	buf_adds(&form, "&referer=%2F");
	int r = ask(da, "/CMD_LOGIN", &form, LOGIN_MAX, &session, err);
	explicit_bzero(form.data, form.len);
	buf_free(&form);
	if (r < 0 && session)
		r = 0;
	if (r < 0 && da->fault == DA_GARBLED && da->reply.status >= 200 && da->reply.status < 400)
		r = 0; /* a page of some skin: the next request tells */
	return r;
}

int da_call(struct da *da, const char *path, const struct buf *form, size_t max, struct err *err)
{
	bool redirected;
	int r = ask(da, path, form, max, &redirected, err);
	if (r == 0 || !redirected)
		return r;
	if (log_in(da, err) < 0)
		return -1;
	da->session = true;
	r = ask(da, path, form, max, &redirected, err);
	if (r < 0 && redirected)
		return da_fail(da, DA_DENIED, err,
		    "not an admin, or the login had no effect (sent to a login page again)");
	return r;
}
