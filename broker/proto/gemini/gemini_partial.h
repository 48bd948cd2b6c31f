//  gemini_partial: arguments of a call that come piece by piece (Vertex's
//  streamFunctionCallArguments): paths and values become one JSON text as they come.
//  The model writes from front to back, so nothing is ever put in where it was left.

#ifndef BR_GEMINI_PARTIAL_H
#define BR_GEMINI_PARTIAL_H

#include "broker/core/json_tree.h"

#define GEMINI_PARTIAL_DEPTH 64  //  objects and arrays inside of each other
#define GEMINI_PARTIAL_PATH 4096 //  bytes of one path

typedef struct _gemini_partial_t gemini_partial_t;

//  "caller destroys"
gemini_partial_t *gemini_partial_new (void);
void gemini_partial_destroy (gemini_partial_t **self_p);

//  Adds what one item of partialArgs says to out: a piece of JSON text.
//  err:  BR_EUPINVALID the path makes no sense, or goes back
int gemini_partial_add (gemini_partial_t *self, const json_tree_t *tree,
                        const json_node_t *item, br_buf_t *out, br_error_t *reterr);

//  Adds what closes the text; {} when nothing came. A next text may begin.
void gemini_partial_end (gemini_partial_t *self, br_buf_t *out);

#endif
