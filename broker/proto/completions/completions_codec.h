//  completions_codec: OpenAI's legacy Completions: one prompt, and texts that go on from it.
//  A prompt is read as what a user says; a conversation is written as a prompt of lines
//  "role: text". A whole answer is read as the only event of a stream.

#ifndef BR_COMPLETIONS_CODEC_H
#define BR_COMPLETIONS_CODEC_H

#include "broker/proto/codec.h"

extern const br_codec_t completions_codec;

#endif
