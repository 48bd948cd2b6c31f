//  upstream_failure: what a failed exchange with a provider means: for the client, and for
//  the router, which may try another one. Tables, no state.

#ifndef BR_UPSTREAM_FAILURE_H
#define BR_UPSTREAM_FAILURE_H

#include <stdbool.h>

#include "broker/core/error.h"
#include "broker/core/failure.h"
#include "broker/net/http_client.h"
#include "broker/proto/tap.h"

typedef struct _upstream_failure_t {
    br_code_t code;
    br_failure_t failure;
    unsigned status;   //  the provider's HTTP status; 0 = none
    unsigned meant;    //  the same; of an error inside of a success what it says, or 0
    bool speaks;       //  what the provider says of it stands in its body
    bool passes_body;  //  that body may be passed on
    const char *about; //  what the provider did, after its name; borrowed
} upstream_failure_t;

//  The transfer itself failed; end is not HTTP_END_OK.
upstream_failure_t upstream_failure_of_end (http_end_t end);

//  An answer that is no success; status is not 2xx.
upstream_failure_t upstream_failure_of_status (unsigned status);

//  An error object where an answer was promised.
upstream_failure_t upstream_failure_of_error (const tap_result_t *result);

//  What the words of the body say (error_words_failure) goes before what the status says;
//  BR_FAILURE_NONE changes nothing.
void upstream_failure_judge (upstream_failure_t *self, br_failure_t words);

#endif
