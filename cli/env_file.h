//  env_file: a .env file into which names and values are merged; all other lines stay.

#ifndef BR_CLI_ENV_FILE_H
#define BR_CLI_ENV_FILE_H

#include <stddef.h>

#include "broker/core/error.h"

#define CLI_ENV_VALUE_MAX 8192 //  bytes of a value

typedef struct _cli_env_file_t cli_env_file_t;

//  Reads a file; one that is not there is empty. "caller destroys"
//  err:  BR_ETOOBIG, BR_ESYSTEM
cli_env_file_t *cli_env_file_new (const char *path, br_error_t *reterr);
void cli_env_file_destroy (cli_env_file_t **self_p);

//  Puts a value in the place of the first line of that name; later ones of it go, since
//  the last would win. A new name goes to the end.
//  err:  BR_EINVALID for a value that no line can hold: a control character, white space
//        at an end, or too long. No word of the value is in it.
int cli_env_file_put (cli_env_file_t *self, const char *name, const char *value,
                      br_error_t *reterr);

//  Writes the file whole, with mode 0600, in the place of the old one. What a symbolic link
//  leads to is written there. Folders above it must be there.
//  err:  BR_ESYSTEM
int cli_env_file_save (const cli_env_file_t *self, br_error_t *reterr);

//  Writes any small file so: whole, mode 0600, by rename. err: BR_ESYSTEM
int cli_env_file_replace (const char *path, const char *text, br_error_t *reterr);

#endif
