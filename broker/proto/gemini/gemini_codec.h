//  gemini_codec: Google's generateContent and streamGenerateContent as a codec.
//
//  The model and whether a stream is wanted stand in the path, so the caller sets them in
//  the call. A provider's stream is always asked for with alt=sse; a client that did not
//  ask for it gets one array (gemini_array.h).

#ifndef BR_GEMINI_CODEC_H
#define BR_GEMINI_CODEC_H

#include "broker/proto/codec.h"

extern const br_codec_t gemini_codec;
extern const tap_reader_t gemini_tap_reader; //  gemini_tap.c

//  Whether a member has this name, in either spelling. (gemini_parts.c)
bool gemini_key_is (const json_tree_t *tree, const json_node_t *node, const char *camel);

#endif
