//  error_words: tells whether a JSON object of a provider's is an error, and finds its
//  type, its code, and what its words say, wherever a protocol has them. Messages are
//  looked at, and never kept: they may repeat a credential.

#ifndef BR_ERROR_WORDS_H
#define BR_ERROR_WORDS_H

#include "broker/core/failure.h"
#include "broker/core/json_tree.h"
#include "broker/proto/tap.h"

//  An error, and nothing of an answer. Google may put it into an array of one.
bool error_words_is (const json_tree_t *tree, const json_node_t *root);

//  Fills error_type and error_code, as far as they are not known.
void error_words_read (const json_tree_t *tree, const json_node_t *root,
                       tap_result_t *result);

//  What the words say beyond the status (as error_meaning); BR_FAILURE_NONE for nothing.
br_failure_t error_words_failure (const json_tree_t *tree, const json_node_t *root,
                                  unsigned status);

#endif
