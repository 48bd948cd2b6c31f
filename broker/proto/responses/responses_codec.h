//  responses_codec: OpenAI Responses.

#ifndef BR_RESPONSES_CODEC_H
#define BR_RESPONSES_CODEC_H

#include "broker/proto/codec.h"

extern const br_codec_t responses_codec;
extern const tap_reader_t responses_tap_reader; //  responses_tap.c

#endif
