//  messages_codec: Anthropic Messages.
//  src:  docs/rfc/8-CANONICAL.md

#ifndef BR_MESSAGES_CODEC_H
#define BR_MESSAGES_CODEC_H

#include "broker/proto/codec.h"

extern const br_codec_t messages_codec;
extern const tap_reader_t messages_tap_reader; //  messages_tap.c

//  A schema for the answer goes to a target that has no place for it as a tool that must
//  be called. Then the answer's call of it is no call: its arguments are the answer's
//  text, and a finish of TOOL_USE is a STOP.
bool messages_unwraps (const br_call_t *call, const br_target_t *target);

//  A blob of a list that the target can read again, or NULL. (messages_piece.c)
const br_opaque_t *messages_readable (const br_opaque_t *list, const br_target_t *target);

//  The name of that tool: this one, or another where the client has a tool of that name.
#define MESSAGES_ANSWER_TOOL "json_response"

const char *messages_answer_tool (const br_call_t *call);

#endif
