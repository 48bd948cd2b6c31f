//  wizard_answers: what somebody has answered to the wizard, and the files that come of it.

#ifndef BR_CLI_WIZARD_ANSWERS_H
#define BR_CLI_WIZARD_ANSWERS_H

#include <stddef.h>

#include "broker/core/error.h"

#define WIZARD_PROVIDERS_MAX 32

typedef struct _wizard_provider_t {
    char *name;     //  owned
    char *label;    //  owned; for people
    char *variable; //  owned; that holds the key, or NULL when there is none
    char *secret;   //  owned; to be put into .env, or NULL when it is set already
    const char
        *protocol;    //  of one that is not built in: "openai" or "anthropic"; or NULL
    char *api_base;   //  owned; of such a one; or NULL
    char *env_prefix; //  owned; of such a one; or NULL
} wizard_provider_t;

typedef struct _wizard_answers_t {
    wizard_provider_t providers[WIZARD_PROVIDERS_MAX];
    size_t count;
    char *listen; //  owned; NULL is the default
} wizard_answers_t;

//  The next provider, zeroed; NULL when there are too many.
wizard_provider_t *wizard_answers_add (wizard_answers_t *self);

//  Secrets are overwritten.
void wizard_answers_clear (wizard_answers_t *self);

//  The text of bitrouter.yaml. No secret is in it. "caller frees"
//  err:  BR_ECONFIG, when it would not load
char *wizard_answers_yaml (const wizard_answers_t *self, br_error_t *reterr);

//  Writes .env, with its other lines as they were, and then the configuration, each whole.
//  err:  BR_ECONFIG, BR_EINVALID, BR_ETOOBIG, BR_ESYSTEM
int wizard_answers_write (const wizard_answers_t *self, const char *config_file,
                          const char *env_file, br_error_t *reterr);

#endif
