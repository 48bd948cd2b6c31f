//  conf_guard: what the schema cannot say of guardrails: that names belong to something,
//  that regular expressions compile, and that there is not too much of anything.

#ifndef BR_CONF_GUARD_H
#define BR_CONF_GUARD_H

#include "broker/core/conf_builtin.h"
#include "broker/core/conf_node.h"
#include "broker/core/conf_words.h"
#include "broker/core/error.h"

#define BR_CONF_GUARD_PATTERNS_MAX 512 //  the built-in ones too
#define BR_CONF_GUARD_RULES_MAX 63     //  beside what holds for all
#define BR_CONF_GUARD_NAME_MAX 64      //  bytes of a custom pattern's name
#define BR_CONF_GUARD_LIST_MAX 4096    //  names of a rule's list, or allowed values

//  Holds "guardrails" of a checked tree, where the providers are all there, against the
//  built-in families. Other names of providers in rules become their own. Warns of actions
//  for families that are disabled.
//  err:  BR_ECONFIG, one line: file, line, column, where in the tree, what is wrong
int br_conf_guard_check (br_conf_node_t *tree, const br_conf_builtin_t *builtin,
                         br_conf_words_t *warnings, br_error_t *reterr);

#endif
