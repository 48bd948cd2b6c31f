//  guard_trial: a text or body, held against guardrails: what would be found, and what would
//  be done. A dry run: nothing is sent.

#ifndef BR_CLI_GUARD_TRIAL_H
#define BR_CLI_GUARD_TRIAL_H

#include "broker/guard/guard_text.h"
#include "broker/proto/texts.h"
#include "cli/guard_plan.h"

#define CLI_GUARD_INPUT_MAX (32u << 20) //  bytes of a text or body
#define CLI_GUARD_FINDINGS_MAX 10000 //  findings that are kept; further ones are counted

typedef struct _cli_guard_finding_t {
    guard_finding_kind_t kind;
    unsigned pattern;
    guard_action_t action;         //  that would be done
    br_text_place_t place;         //  of a body
    uint64_t at;                   //  bytes, from the start of its text
    unsigned line, column;         //  of a text, from 1, in bytes
    char masked[GUARD_MASKED_MAX]; //
} cli_guard_finding_t;

typedef enum {
    CLI_GUARD_TOOLS_STAY,
    CLI_GUARD_TOOLS_HIDDEN, //  offers, or arguments, were taken out
    CLI_GUARD_TOOLS_REFUSED
} cli_guard_tools_t;

typedef struct _cli_guard_trial_t {
    const cli_guard_plan_t *plan;  //
    guard_direction_t direction;   //
    br_surface_t surface;          //  NONE: the input is one text
    cli_guard_finding_t *findings; //  owned
    size_t count;                  //  findings that are kept
    size_t more;                   //  that are not
    guard_action_t strictest;      //  of all findings
    cli_guard_tools_t tools;       //  what the rules for tools do, of a body
    br_error_t refusal;            //  why they refuse it
    br_buf_t redacted;             //  what would go on, when nothing blocks
} cli_guard_trial_t;

//  Runs. 0, or -1 when it is no body of the surface. An answer that begins as server-sent
//  events is tried as a stream of them.
//  in:   plan (with looking), direction and surface are set in self; the rest is empty
int cli_guard_trial_run (cli_guard_trial_t *self, const void *bytes, size_t size,
                         br_error_t *reterr);
void cli_guard_trial_clear (cli_guard_trial_t *self);

//  "upgoing user message". "caller frees"
char *cli_guard_trial_where (const cli_guard_trial_t *self,
                             const cli_guard_finding_t *finding);

//  "as it is", "taken out" or "refused".
const char *cli_guard_trial_tools (const cli_guard_trial_t *self);

//  What a client would be told; only when something blocks. "caller frees"
char *cli_guard_trial_message (const cli_guard_trial_t *self);

#endif
