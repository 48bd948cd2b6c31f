//  ingress_openapi: GET /openapi.json, what this server answers, for programs.

#ifndef BR_INGRESS_OPENAPI_H
#define BR_INGRESS_OPENAPI_H

#include "broker/core/blob.h"

#define INGRESS_OPENAPI_FILE "docs/openapi.json" //  as it is embedded

//  The description, JSON: docs/openapi.json, with the version of this program.
//  "caller destroys".
br_blob_t *ingress_openapi_new (void);

#endif
