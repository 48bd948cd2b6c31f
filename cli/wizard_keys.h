//  wizard_keys: the questions of the wizard to somebody with keys of their own.

#ifndef BR_CLI_WIZARD_KEYS_H
#define BR_CLI_WIZARD_KEYS_H

#include "broker/core/conf_env.h"
#include "cli/prompt.h"
#include "cli/wizard_answers.h"

//  What the questions are asked with.
typedef struct _wizard_asking_t {
    cli_prompt_t *prompt;
    const br_conf_env_t *env;     //  the process's variables over those of .env
    const br_conf_env_t *process; //  the process's alone
    wizard_answers_t *answers;
} wizard_asking_t;

//  Built-in providers, those of others, and the address. How it ended is told by the prompt.
void wizard_keys_ask (const wizard_asking_t *asking);

//  The first and last letters of a key, for people who know it; **** of a short one.
//  "caller frees"
char *wizard_keys_mask (const char *key);

//  A provider's name from what somebody has typed: small letters, "-" for white space.
//  "caller frees", or NULL when that is no name, or one that is built in
char *wizard_keys_name (const char *text);

//  The prefix of a provider's variables: capitals, "_" for "-". "caller frees"
char *wizard_keys_prefix (const char *name);

//  Whether a text may be a provider's base address.
bool wizard_keys_is_base (const char *text);

#endif
