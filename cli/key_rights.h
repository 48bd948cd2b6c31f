//  key_rights: what a new token or key may, as the flags of `keygen` and `key sign` say it.

#ifndef BR_CLI_KEY_RIGHTS_H
#define BR_CLI_KEY_RIGHTS_H

#include <stdint.h>

#include "broker/core/verbs.h"
#include "cli/command.h"

//  Texts are owned by the rights.
typedef struct _cli_rights_t {
    br_scope_t scope;
    uint64_t expires_s; //  0 = never
    char **models;      //  globs; NULL ends; none = all
    char **tools;
    bool budgeted;
    uint64_t budget_nusd;
    br_budget_scope_t budget_scope;
    br_budget_range_t budget_range;
    uint64_t budget_extent; //  rounds, or seconds
} cli_rights_t;

//  Takes the flags of rights out of the arguments, and complains of wrong ones on stderr.
//  in:   command, its words; now_s, unix seconds
//  ret:  CLI_OK, CLI_FAILED or CLI_USAGE. "caller clears"
int cli_rights_take (cli_rights_t *ret_self, const char *command, uint64_t now_s,
                     int *argc, char **argv);
void cli_rights_clear (cli_rights_t *self);

//  Takes `--name N` out of the arguments, a number from `min` on; *ret_number is left alone
//  without it. CLI_OK or CLI_USAGE.
int cli_rights_take_number (const char *command, const char *name, uint64_t min,
                            int *argc, char **argv, uint64_t *ret_number);

//  The lines of --help for these flags.
#define CLI_RIGHTS_HELP                                                                  \
    "  --scope SCOPE         api (default) or admin, which needs --exp\n"                \
    "  --exp EXP             5m, 1h, 30d, 1y, a unix time, or never (default)\n"         \
    "  --models GLOBS        models it may use, like \"openai:*,anthropic:claude-*\"\n"  \
    "  --tools GLOBS         tools it may use, like \"github/*,jira/search\"\n"          \
    "  --budget N            what it may spend, in micro-USD\n"                          \
    "  --budget-scope SCOPE  session (default): it alone; or account: all of its "       \
    "account\n"                                                                          \
    "  --budget-range RANGE  rounds:N or duration:Ns; without it, for ever\n"

#endif
