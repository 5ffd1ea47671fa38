/* report: the reports of runs, newest last. */
#include "store/report.h"

#include "store/store_private.h"

int store_run_add(struct store *st, uint64_t id, const char *program, const char *report,
    size_t len, struct err *err)
{
	if (store_change(st,
		"INSERT OR REPLACE INTO runs SELECT ?1, ?2, json_extract(?3, '$.started'),"
		" json_extract(?3, '$.ended'), ?3 WHERE json_valid(?3)"
		" AND json_type(?3, '$.started') = 'integer'"
		" AND json_type(?3, '$.ended') = 'integer'",
		err, as_uint(id), as_text(program), as_text_of(report, len)) < 0)
		return -1;
	if (sqlite3_changes(st->db) == 0)
		return 0;
	if (store_change(st,
		"UPDATE runs SET report = json_remove(report, '$.memory') WHERE id ="
		" (SELECT max(id) FROM runs WHERE program = ?1 AND id < ?2)",
		err, as_text(program), as_uint(id)) < 0)
		return -1;
	return store_change(st,
		   "DELETE FROM runs WHERE program = ?1 AND id NOT IN"
		   " (SELECT id FROM runs WHERE program = ?1 ORDER BY id DESC LIMIT ?2)",
		   err, as_text(program), as_int(STORE_RUNS)) < 0
		   ? -1
		   : 1;
}

static int one_report(struct store *st, sqlite3_stmt *q, struct buf *report, struct err *err)
{
	int found = store_next(st, q, err);
	if (found <= 0)
		return found;
	store_column_add(q, 0, report);
	store_end(q);
	return 1;
}

int store_run_last(
    struct store *st, const char *program, bool whole, struct buf *report, struct err *err)
{
	int found = 0;
	if (whole) /* reads from the newest on, up to the first that is whole */
		found = one_report(st,
		    store_query(st,
			"SELECT report FROM runs WHERE program = ?"
			" AND NOT coalesce(json_extract(report, '$.narrowed'), 0)"
			" ORDER BY id DESC LIMIT 1",
			err, as_text(program)),
		    report, err);
	if (found != 0)
		return found;
	return one_report(st,
	    store_query(st, "SELECT report FROM runs WHERE program = ? ORDER BY id DESC LIMIT 1",
		err, as_text(program)),
	    report, err);
}
