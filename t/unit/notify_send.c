/* notify_send STATE...: sends each STATE, "reloading" as notify_reloading() does. */
#include <string.h>

#include "base/notify.h"

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "reloading") == 0)
			notify_reloading();
		else
			notify(argv[i]);
	}
	return 0;
}
