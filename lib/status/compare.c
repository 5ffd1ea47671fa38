/* compare: what ddo-queue found when it compared targets with the store. */
#include <stdio.h>

#include "status/status_private.h"
#include "store/compare.h"

json_t *status_compared(struct store *st, const char *target, struct err *err)
{
	char boot[40], name[80], found[256];
	int64_t at;
	snprintf(name, sizeof(name), "compared.%s", target);
	int known = store_meta_get(st, name, found, sizeof(found), err);
	if (known < 0 || store_compared(st, target, &at, boot, err) < 0)
		return NULL;
	json_t *out = known == 0 ? NULL : json_loads(found, 0, NULL);
	if (!json_is_object(out)) {
		json_decref(out);
		return json_pack("{s:n}", "at");
	}
	/* When a comparison is due at once, the store forgets the time, not what was found. */
	json_object_set_new(out, "at", at > 0 ? status_when(at) : json_null());
	return out;
}

static void add_name(void *list, const char *target)
{
	json_array_append_new(list, json_string(target));
}

json_t *status_restored(struct store *st, struct err *err)
{
	struct store_restored restored;
	size_t held = 0;
	if (store_restored(st, &restored, err) < 0)
		return NULL;
	if (restored.when == 0)
		return json_null();
	json_t *waits = json_array();
	if (store_each_restored(st, add_name, waits, err) < 0 ||
	    store_count_held(st, &held, err) < 0) {
		json_decref(waits);
		return NULL;
	}
	if (held == 0 && json_array_size(waits) == 0) {
		json_decref(waits);
		return json_null();
	}
	return json_pack("{s:o,s:o,s:I}", "since", status_when(restored.when), "compare", waits,
	    "held", (json_int_t)held);
}
