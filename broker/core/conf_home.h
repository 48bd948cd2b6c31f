//  conf_home: where bitrouter's files are.

#ifndef BR_CONF_HOME_H
#define BR_CONF_HOME_H

#include "broker/core/conf.h"
#include "broker/core/conf_words.h"

typedef struct _br_conf_home_t {
    char *home;         //  owned; absolute
    char *config_file;  //  owned
    char *env_file;     //  owned
    char *run_dir;      //  owned
    char *logs_dir;     //  owned
    bool has_config;    //  config_file exists
    bool config_is_own; //  it was named by a flag, and must exist
    bool env_is_own;    //  so was env_file
} br_conf_home_t;

//  Finds the home directory: the flag, the current directory if it has a bitrouter.yaml,
//  $BITROUTER_HOME if that is a directory, ~/.bitrouter. A home that is missing is made
//  with its first files, none of which is ever overwritten; where that fails, a warning is
//  given. env_v is the environment of the process.
//  err:  BR_ECONFIG when there is no place at all, or it is no folder; BR_ESYSTEM
int br_conf_home_find (br_conf_home_t *ret_self, const br_conf_flags_t *flags,
                       const char *const *env_v, br_conf_words_t *warnings,
                       br_error_t *reterr);

//  The same, without making anything.
int br_conf_home_locate (br_conf_home_t *ret_self, const br_conf_flags_t *flags,
                         const char *const *env_v, br_error_t *reterr);
void br_conf_home_clear (br_conf_home_t *self);

//  Makes the directories and first files of a home where they are missing.
int br_conf_home_scaffold (const char *home, br_error_t *reterr);

#endif
