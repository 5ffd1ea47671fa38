/* denied: why a server refuses a login that is right. */
#include <mysqld_error.h>

#include "link.h"

void link_explain(MYSQL *my, bool tls, bool is_local, struct err *err)
{
	bool can_tls = (my->server_capabilities & CLIENT_SSL) != 0;
	if (mysql_errno(my) != ER_ACCESS_DENIED_ERROR || is_local || (can_tls && tls))
		return;
	err_set(err, "%s; with REQUIRE SSL the account needs TLS: %s", err->text,
	    can_tls ? "set ssl_ca" : "give the server ssl_cert and ssl_key");
}
