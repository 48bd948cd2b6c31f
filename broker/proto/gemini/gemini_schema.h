//  gemini_schema: JSON Schema and the subset of OpenAPI that Google calls Schema, each
//  made of the other.

#ifndef BR_GEMINI_SCHEMA_H
#define BR_GEMINI_SCHEMA_H

#include "broker/core/json_tree.h"
#include "broker/core/json_writer.h"

#define GEMINI_SCHEMA_MAX (1u << 20) //  bytes of a schema that is made
#define GEMINI_SCHEMA_DEPTH 32       //  schemas inside of each other; deeper ones are cut

typedef enum {
    GEMINI_SCHEMA_PARAMETERS, //  of a tool: an object, whose alternatives are merged
    GEMINI_SCHEMA_ANSWER      //  of an answer
} gemini_schema_use_t;

//  Google's Schema of a JSON Schema. References are resolved, a schema inside of itself
//  is an object of anything; what Google has no word for is left out.
//  out:  *ret_empty, it is an object without properties
//  err:  BR_EINVALID it is no object, or what was made is over GEMINI_SCHEMA_MAX
int gemini_schema_write (br_text_t schema, gemini_schema_use_t use, br_buf_t *out,
                         bool *ret_empty, br_error_t *reterr);

//  JSON Schema of Google's Schema. "owned by arena"
br_text_t gemini_schema_read (const json_tree_t *tree, const json_node_t *schema,
                              br_arena_t *arena);

#endif
