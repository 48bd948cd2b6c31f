//  conf_source: the texts that a configuration was made of: its file, and .env. They are
//  kept, so that it can be made once more without a look at files that somebody edits.

#ifndef BR_CONF_SOURCE_H
#define BR_CONF_SOURCE_H

#include "broker/core/conf_home.h"

typedef struct _br_conf_source_t {
    char *text;       //  owned; of the configuration, NULL = there is no file
    size_t text_size; //  bytes
    char *env;        //  owned; of .env, NULL = there is none. Holds secrets
    size_t env_size;  //  bytes
} br_conf_source_t;

//  Reads both files of a home; one that nobody named may be missing.
//  err:  BR_ECONFIG
int br_conf_source_read (br_conf_source_t *self, const br_conf_home_t *home,
                         br_error_t *reterr);

void br_conf_source_copy (br_conf_source_t *self, const br_conf_source_t *other);
void br_conf_source_clear (br_conf_source_t *self); //  and wipes what it held

//  Whether somebody has written something: a file of 0 bytes says nothing.
bool br_conf_source_has_text (const br_conf_source_t *self);

#endif
