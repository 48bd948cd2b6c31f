//  upstream_endpoint: one address of a provider with one credential, made ready: whole
//  URLs and header lines, so that a call costs neither a parse nor a join. It holds
//  secrets: no text that leaves it has one, but the header lines.

#ifndef BR_UPSTREAM_ENDPOINT_H
#define BR_UPSTREAM_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "actors/upstream/upstream_mask.h"
#include "broker/core/error.h"

typedef struct _upstream_endpoint_t upstream_endpoint_t;

//  in:   slice, of the provider; own, what this endpoint has of its own (api_base,
//        api_key, protocol), NULL for the provider's own endpoint
//  err:  BR_ECONFIG: a URL, header or key that cannot be sent; it names the member only
//  "caller destroys"
upstream_endpoint_t *upstream_endpoint_new (const char *name, const cJSON *slice,
                                            const cJSON *own, br_error_t *reterr);
void upstream_endpoint_destroy (upstream_endpoint_t **self_p);

const char *upstream_endpoint_name (const upstream_endpoint_t *self);

//  The protocol that it was given alone, or NULL.
const char *upstream_endpoint_protocol (const upstream_endpoint_t *self);

//  Why nothing may be sent, for the client; NULL when all is there.
const char *upstream_endpoint_refusal (const upstream_endpoint_t *self);

//  The whole URL for a surface, with "{model}" and "{id}" in it as the surface's row has
//  them (and a base may have the first: Azure's deployments); NULL where it has none.
//  "owned by self"
const char *upstream_endpoint_url (const upstream_endpoint_t *self, unsigned surface);

//  Header lines of each request: the credential, and those of the configuration.
//  "owned by self"
const char *const *upstream_endpoint_lines (const upstream_endpoint_t *self,
                                            unsigned surface, size_t *ret_count);

//  Whether one of these lines has this name.
bool upstream_endpoint_has_line (const upstream_endpoint_t *self, unsigned surface,
                                 const char *name);

//  Overwrites each occurrence of its secrets with asterisks.
void upstream_endpoint_mask (const upstream_endpoint_t *self, uint8_t *bytes,
                             size_t size);

//  The same for what comes in pieces. "owned by self"
const upstream_mask_t *upstream_endpoint_secrets (const upstream_endpoint_t *self);

#endif
