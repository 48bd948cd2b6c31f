//  guard_plan: what guardrails would do to a call, under the configuration as the files say
//  it. No server is needed.

#ifndef BR_CLI_GUARD_PLAN_H
#define BR_CLI_GUARD_PLAN_H

#include <cjson/cJSON.h>

#include "broker/guard/guard_rules.h"
#include "broker/guard/guard_tools.h"
#include "cli/command.h"

typedef struct _cli_guard_plan_t {
    br_conf_t *conf;        //  owned
    cJSON *slice;           //  owned; of guard
    guard_rules_t *rules;   //  owned; as they are
    guard_rules_t *looking; //  owned, or NULL: see cli_guard_plan_look
    guard_tools_t *tools;   //  owned; rules for tools
    guard_sets_t sets;      //  that concern the call
} cli_guard_plan_t;

//  Takes --key, --route and --provider out of the arguments and loads the rest. Without a
//  key or a route, those are ""; without a provider, it is a call that any may answer.
//  A provider must be one that the configuration or the broker knows, by its name or alias.
//  ret:  CLI_OK, or CLI_FAILED with a line on stderr; then there is nothing to close
int cli_guard_plan_open (cli_guard_plan_t *self, const cli_t *cli, int *argc,
                         char **argv);
void cli_guard_plan_close (cli_guard_plan_t *self);

//  Makes looking: the same patterns under the same numbers, and what blocks redacts, so that
//  a dry run goes on behind it. 0 or -1.
int cli_guard_plan_look (cli_guard_plan_t *self, br_error_t *reterr);

//  What a pattern's matches must pass besides, like "entropy:3.0", or NULL. "owned by self"
const char *cli_guard_plan_check (const cli_guard_plan_t *self, unsigned pattern);

//  The lines of --help for the flags.
#define CLI_GUARD_PLAN_HELP                                                              \
    "  --key ID              as if the call came with this key\n"                        \
    "  --route NAME          ... for this name of a model\n"                             \
    "  --provider NAME       ... and this provider answered; without it, any may\n"

#endif
