/* hex: octets from hexadecimal digits of either case, by Nettle. */
#ifndef DDO_HEX_H
#define DDO_HEX_H

#include <stddef.h>

/* The octets of `len` digits, of which there are len / 2.  -1: they are not all digits, or an odd
 * number of them. */
int hex_decode(const char *digits, size_t len, unsigned char *out);

/* The octet that two digits are; -1: they are not. */
int hex_octet(const char digits[2]);

#endif
