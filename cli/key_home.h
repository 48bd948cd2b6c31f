//  key_home: where the keys of a home are, and whose turn it is among the accounts.

#ifndef BR_CLI_KEY_HOME_H
#define BR_CLI_KEY_HOME_H

#include <stdint.h>

#include "broker/identity/account.h"
#include "cli/command.h"

typedef struct _cli_key_home_t {
    char *folder;            //  of keys; owned
    br_accounts_t *accounts; //  owned
} cli_key_home_t;

//  Finds the home as all commands do, and reads its accounts; broken ones are warned of on
//  stderr. CLI_OK or CLI_FAILED with a line there. "caller closes"
int cli_key_home_open (cli_key_home_t *ret_self, const cli_t *cli);
void cli_key_home_close (cli_key_home_t *self);

//  The active account, or NULL with a line on stderr. "owned by self"
const br_account_t *cli_key_home_active (const cli_key_home_t *self);

//  Unix seconds.
uint64_t cli_key_home_now_s (void);

#endif
