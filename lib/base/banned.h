/* banned: functions that overrun a buffer, hide state or start a shell do not compile.
 *
 * The Makefile includes this file in front of every source (-include lib/base/banned.h); no source
 * includes it.  The system headers that mention a banned name must come before the poison.  A
 * header of another library that uses one has to come before this file too: see mysql.h in the
 * Makefile.  Use instead: snprintf, buf (base/buf.h), strtoul, gmtime_r, child (base/child.h).
 */
#ifndef DDO_BANNED_H
#define DDO_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A macro under clang with _FORTIFY_SOURCE. */
#undef sprintf

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol gets strncpy strncat system popen
#pragma GCC poison gmtime localtime ctime asctime tmpnam mktemp

#endif
