/* fault: how a call to a DirectAdmin fails: its class, and a reason without secrets. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "da/da_private.h"

#define SECRET_MIN 4 /* a shorter secret is part of many ordinary words */

static void hide(char *text, const char *secret)
{
	size_t len = secret == NULL ? 0 : strlen(secret);
	if (len < SECRET_MIN)
		return;
	for (char *at = text; (at = strstr(at, secret)) != NULL; at += 3) {
		memset(at, '*', 3);
		memmove(at + 3, at + len, strlen(at + len) + 1);
	}
}

int da_fail(struct da *da, enum da_fault fault, struct err *err, const char *fmt, ...)
{
	char text[sizeof(err->text)];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* An answer may repeat what ddo sent. */
	hide(text, da->server->password);
	hide(text, da->secret);
	da->fault = fault;
	return err_set(err, "%s:%u: %s", da->server->hostname, da->server->port, text);
}

enum da_fault da_fault(const struct da *da)
{
	return da == NULL ? DA_CONFIG : da->fault;
}

const char *da_fault_word(enum da_fault f)
{
	static const char *const words[] = {[DA_NONE] = "ok",
	    [DA_CONFIG] = "config",
	    [DA_DOWN] = "down",
	    [DA_TLS] = "tls",
	    [DA_LOGIN] = "login",
	    [DA_DENIED] = "denied",
	    [DA_LOCKED] = "locked",
	    [DA_GARBLED] = "garbled",
	    [DA_ABSENT] = "absent"};
	return words[f];
}
