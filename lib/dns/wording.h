/* wording: records in the words of a server that reads them with a parser of its own, and back.
 *
 * PowerDNS (its API and its database backends) and CoreDNS's plugin read a record's type and data
 * as text, each with a parser that takes most of what zone_render() writes, not all: a type may
 * have another name there or none, its data a form of its own.  What each takes was tried with
 * PowerDNS 4.7 and miekg/dns 1.1.52.  wording_write() tells the words that the server takes, where
 * these differ from zone_render()'s; wording_read() makes of a server's words, or of those that
 * wording_write() wrote, what zone_parse() reads.  What it does not know it leaves as it is.
 */
#ifndef DDO_WORDING_H
#define DDO_WORDING_H

#include <libknot/libknot.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum wording { WORDING_PDNS, WORDING_COREDNS };

#define WORDING_TYPE_SIZE 16

/* false: what zone_render() writes is right.  Else the type's name is in `type`, and the data are
 * appended to `data`. */
bool wording_write(enum wording w, uint16_t type, const knot_rdata_t *rd,
    char name[WORDING_TYPE_SIZE], struct buf *data);
/* RFC 3597: "\# LENGTH HEX". */
void wording_generic(const knot_rdata_t *rd, struct buf *data);

/* Appends "TYPE DATA" for zone_parse(). */
void wording_read(enum wording w, const char *type, const char *data, struct buf *out);
/* Appends a name, escaping what zone_parse() does not take as it is. */
void wording_read_name(const char *name, struct buf *out);
/* The type of that name; 0: there is none. */
uint16_t wording_type(const char *name);

#endif
