/* banned: functions that write without knowing where to stop, or hide state, fail to compile.
 * Included by the compiler itself (-include lib/base/banned.h) in every file. */
#ifndef DDO_BANNED_H
#define DDO_BANNED_H

/* What the system's own headers mention must be seen before the poison. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A macro under clang with _FORTIFY_SOURCE. */
#undef sprintf

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol gets strncpy strncat system popen
#pragma GCC poison gmtime localtime ctime asctime tmpnam mktemp

#endif
