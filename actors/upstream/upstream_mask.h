//  upstream_mask: texts that nobody may see, and how they are found in what a provider
//  says. A search looks at few bytes: most of a stream is jumped over.

#ifndef BR_UPSTREAM_MASK_H
#define BR_UPSTREAM_MASK_H

#include <stddef.h>
#include <stdint.h>

#define UPSTREAM_SECRETS_MAX 32   //  texts; more are not taken
#define UPSTREAM_SECRET_MAX 16384 //  bytes of one
#define UPSTREAM_SECRET_MIN 8     //  bytes; shorter ones are no secret that could be kept

typedef struct _upstream_mask_t upstream_mask_t;

//  "caller destroys"; memory that held a secret is overwritten.
upstream_mask_t *upstream_mask_new (void);
void upstream_mask_destroy (upstream_mask_t **self_p);

//  Takes a copy, and one of each form that the text may have in JSON.
void upstream_mask_add (upstream_mask_t *self, const char *secret);

//  Overwrites each occurrence with asterisks.
void upstream_mask_hide (const upstream_mask_t *self, uint8_t *bytes, size_t size);

//  How many bytes at the end are the beginning of a secret, which may go on.
size_t upstream_mask_begun (const upstream_mask_t *self, const uint8_t *bytes,
                            size_t size);

#endif
