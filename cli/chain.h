//  chain: how a name resolves by the files, in the shape in which a running server answers
//  the admin door's `resolve`.

#ifndef BR_CLI_CHAIN_H
#define BR_CLI_CHAIN_H

#include <cjson/cJSON.h>

//  in:   slice, what ingress gets of the configuration
//  out:  {"model", "how", "strategy", "chain": [{"provider", "service_id", "endpoint",
//        "weight"}]}, or {"error"}. "caller deletes"
cJSON *cli_chain_resolve (const cJSON *slice, const char *name);

#endif
