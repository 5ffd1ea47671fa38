/* wording: records as text for servers that read them with a parser of their own, and back.
 *
 * PowerDNS (its API and its database backends) and CoreDNS's plugin read a record's type and data
 * as text.  Their parsers take most of what zone_render() writes, but not all: they may use another
 * name for a type, or none, or another form of its data.  Tried with PowerDNS 4.7 and miekg/dns
 * 1.1.52.  wording_write() gives the text for the server where it differs from zone_render()'s.
 * wording_read() turns text from a server, or from wording_write(), into text for zone_parse(); it
 * leaves what it does not know as it is.  Pure functions; they append to the caller's buffer.
 */
#ifndef DDO_WORDING_H
#define DDO_WORDING_H

#include <libknot/libknot.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum wording { WORDING_PDNS, WORDING_COREDNS };

#define WORDING_TYPE_SIZE 16

/* false: use what zone_render() writes.  true: the type's name is in `name`, and the data are
 * appended to `data`. */
bool wording_write(enum wording w, uint16_t type, const knot_rdata_t *rd,
    char name[WORDING_TYPE_SIZE], struct buf *data);
/* Appends the data in the generic form of RFC 3597: "\# LENGTH HEX". */
void wording_generic(const knot_rdata_t *rd, struct buf *data);

/* Appends "TYPE DATA" for zone_parse(). */
void wording_read(enum wording w, const char *type, const char *data, struct buf *out);
/* Appends a name; escapes characters that zone_parse() does not take as they are. */
void wording_read_name(const char *name, struct buf *out);
/* The number of the type with that name; 0: none. */
uint16_t wording_type(const char *name);

#endif
