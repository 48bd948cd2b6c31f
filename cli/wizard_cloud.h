//  wizard_cloud: the wizard's way to BitRouter Cloud: an account of this machine, and a
//  token that it signs as the key of the provider `bitrouter`.

#ifndef BR_CLI_WIZARD_CLOUD_H
#define BR_CLI_WIZARD_CLOUD_H

#include <stdbool.h>

#include "cli/wizard_keys.h"

#define WIZARD_CLOUD_VARIABLE "BITROUTER_API_KEY"
#define WIZARD_CLOUD_DAYS 365 //  that the token counts

//  Asks whether a key that is set already is to be used. Changes nothing on disk.
void wizard_cloud_ask (const wizard_asking_t *asking);

//  Makes the active account where there is none, shows its addresses, signs and keeps a
//  token, and puts it into the answers; nothing of it where a key is used already.
//  in:   folder, of keys
//  err:  BR_ESYSTEM
int wizard_cloud_make (const wizard_asking_t *asking, const char *folder,
                       br_error_t *reterr);

#endif
