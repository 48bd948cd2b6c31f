//  conf_check: holds a tree against the schema, with exact positions, before libcyaml
//  fills the structs from it.

#ifndef BR_CONF_CHECK_H
#define BR_CONF_CHECK_H

#include "broker/core/conf_node.h"
#include "broker/core/conf_schema.h"
#include "broker/core/conf_words.h"
#include "broker/core/error.h"

//  Checks a whole file and brings it into the schema's shape: older spellings rewritten,
//  empty values left out, yes and no spelt true and false. Unknown keys are taken out with
//  a warning that names the nearest valid one; but in "guardrails" they are errors, since a
//  rule without the key that narrows it would concern everybody, and a list without values
//  is a list of none. So is a near miss of a section that protects ("guardrail", "limit").
//  err:  BR_ECONFIG, one line: file, line, column, where in the tree, what is expected
int br_conf_check (br_conf_node_t *tree, br_conf_words_t *warnings, br_error_t *reterr);

//  The same for another kind of file, against its own fields. Unknown keys are errors.
int br_conf_check_fields (br_conf_node_t *tree, const cyaml_schema_field_t *fields,
                          br_error_t *reterr);

#endif
