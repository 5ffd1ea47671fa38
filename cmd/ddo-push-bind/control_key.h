/* control_key: the key of named's control channel.
 *
 * control_key_read() reads a file in rndc.key's syntax (BIND 9's rndc-confgen writes it), and
 * control_key_mac() computes HMACs with the key.  The secret is erased by control_key_free(), and
 * after a failed read.  Both return -1 with a reason (err) that holds no part of the secret.
 */
#ifndef DDO_BIND_CONTROL_KEY_H
#define DDO_BIND_CONTROL_KEY_H

#include <nettle/nettle-meta.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define CONTROL_MAC_SIZE 88 /* an HMAC in base64, filled up with NULs, as libisccc has it */

struct control_key {
	const struct nettle_hash *hash; /* of the HMAC */
	uint8_t number;                 /* the algorithm, in the protocol */
	struct buf secret;
};

/* Reads the first key statement of the file. */
int control_key_read(struct control_key *key, const char *file, struct err *err);
void control_key_free(struct control_key *key);
void control_key_mac(
    const struct control_key *key, const void *data, size_t len, char out[CONTROL_MAC_SIZE]);

#endif
