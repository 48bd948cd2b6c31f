//  ledger_signer: the key of this node, which signs the head of its ledger: a file of a
//  32-byte seed of Ed25519, mode 0600, made on first use.

#ifndef BR_LEDGER_SIGNER_H
#define BR_LEDGER_SIGNER_H

#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"

#define LEDGER_PUBLIC_KEY 32 //  bytes
#define LEDGER_SIGNATURE 64  //  bytes

typedef struct _ledger_signer_t ledger_signer_t;

//  Reads the file, or makes it, and its folder, mode 0700.
//  "caller destroys". err: BR_ECONFIG with path and reason
ledger_signer_t *ledger_signer_new (const char *path, br_error_t *reterr);
void ledger_signer_destroy (ledger_signer_t **self_p);

//  The public key of a file that is there, for who only verifies. err: BR_ECONFIG
int ledger_signer_look (const char *path, uint8_t ret_key[LEDGER_PUBLIC_KEY],
                        br_error_t *reterr);

const uint8_t *ledger_signer_key (const ledger_signer_t *self); //  "owned by self"
void ledger_signer_sign (const ledger_signer_t *self, const void *bytes, size_t size,
                         uint8_t ret_signature[LEDGER_SIGNATURE]);

#endif
