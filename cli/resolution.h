//  resolution: where a call for a name goes, and why: the endpoints in the order in which
//  they are asked, with what is known of each, and those that are left out.

#ifndef BR_CLI_RESOLUTION_H
#define BR_CLI_RESOLUTION_H

#include "cli/effective.h"

//  Resolves a name, by the running server or by the files.
//  out:  {"model", "how", "strategy", "running", "endpoints": [{"provider", "service_id",
//        "endpoint", "weight", "context", "input_usd", "output_usd", "state", "reason",
//        "for_ms", "limits", "why"}], "left_out": [{"provider", "service_id", "why"}]};
//        context in tokens, prices in USD per million tokens, null where nobody knows.
//        "caller deletes"
//  err:  BR_ENOTFOUND no such name, with near ones
cJSON *cli_resolution_new (const cli_effective_t *effective, const char *name,
                           br_error_t *reterr);

#endif
