/* show: what scripts ask of the configuration, such as the start of a container.
 *
 * show() prints "KEY TAB VALUE" lines with the keys of app.yml, defaults included: paths, the
 * listener, what is enabled, and of each enabled target its type and the options that name a file
 * or a directory by _dir or _conf.  It prints no secret.  The value is the exit status.
 */
#ifndef DDO_QUEUE_SHOW_H
#define DDO_QUEUE_SHOW_H

#include "conf/conf.h"

int show(const struct conf *conf);

#endif
