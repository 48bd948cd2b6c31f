//  ingress_wishes: what a client wants of this one call besides what its protocol can say:
//  bounds of time, whether a cut answer may be gone on with, whether a stream tells its
//  cost, in headers.

#ifndef BR_INGRESS_WISHES_H
#define BR_INGRESS_WISHES_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/core/error.h"
#include "broker/net/http_server.h"

//  Times in ms; 0 = the client does not say.
typedef struct _ingress_wishes_t {
    uint64_t connect_ms;    //  for a connection
    uint64_t first_byte_ms; //  for the first byte of an answer
    uint64_t idle_ms;       //  between two bytes
    uint64_t timeout_ms;    //  for the whole call
    bool continues;         //  another endpoint may go on with a cut answer
    bool tells_cost;        //  a stream ends with a comment of what it has cost
} ingress_wishes_t;

//  Takes one header into account; names that are no wish are ignored. Seconds have up to
//  nine digits and a fraction, are more than 0 and rounded up to ms.
//  in:   cap_ms, the most that a time may be: more counts as so much
//  err:  BR_EINVALID names the header and what it may be; then self is unchanged
int ingress_wishes_set (ingress_wishes_t *self, const char *name, const char *value,
                        uint64_t cap_ms, br_error_t *reterr);

//  Reads all of them from a request. err: as above, for the first that is wrong
int ingress_wishes_read (ingress_wishes_t *self, const http_call_t *http, uint64_t cap_ms,
                         br_error_t *reterr);

#endif
