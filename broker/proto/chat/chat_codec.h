//  chat_codec: OpenAI's Chat Completions, and the providers that speak it with an accent.
//  Requests are read in chat_call.c, chat_messages.c and chat_content.c, and written in
//  the files of the same names with _write. Answers are read in chat_stream.c and
//  chat_choice.c, of which a whole answer is one large event, and written in chat_reply.c
//  and chat_stream_write.c.

#ifndef BR_CHAT_CODEC_H
#define BR_CHAT_CODEC_H

#include "broker/proto/codec.h"

extern const br_codec_t chat_codec;
extern const tap_reader_t chat_tap_reader; //  chat_tap.c

#endif
