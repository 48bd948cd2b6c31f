//  messages_codec: Anthropic Messages.
//  src:  docs/rfc/8-CANONICAL.md

#ifndef BR_MESSAGES_CODEC_H
#define BR_MESSAGES_CODEC_H

#include "broker/proto/codec.h"

extern const br_codec_t messages_codec;
extern const tap_reader_t messages_tap_reader; //  messages_tap.c

//  A schema for the answer goes to a target that has no place for it as a tool that must
//  be called. Then the answer's call of MESSAGES_ANSWER_TOOL is no call: its arguments are
//  the answer's text, and a finish of TOOL_USE is a STOP.
#define MESSAGES_ANSWER_TOOL "json_response"

bool messages_unwraps (const br_call_t *call, const br_target_t *target);

#endif
