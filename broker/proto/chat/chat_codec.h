//  chat_codec: OpenAI's Chat Completions, and the providers that speak it with an accent.
//  Requests are read in chat_call.c, chat_messages.c and chat_content.c, and written in
//  the files of the same names with _write. Answers are read in chat_stream.c and
//  chat_choice.c, of which a whole answer is one large event, and written in chat_reply.c
//  and chat_stream_write.c.

#ifndef BR_CHAT_CODEC_H
#define BR_CHAT_CODEC_H

#include "broker/core/json_writer.h"
#include "broker/proto/codec.h"

extern const br_codec_t chat_codec;
extern const tap_reader_t chat_tap_reader; //  chat_tap.c

//  ---- blobs in a request that passes as bytes: chat_details.c

//  Whether a target takes a blob in an item of reasoning_details: as its signature, or as
//  its data. One of BR_OPAQUE_DETAILS stands for whole items.
bool chat_detail_takes (const br_opaque_t *opaque, const br_target_t *target,
                        bool signature);

//  Writes one for a provider as an item, or several, or none where it has no place.
//  text: of the block that it stands in. index: of the next item
void chat_detail_write (json_writer_t *writer, const br_opaque_t *opaque, br_text_t text,
                        unsigned *index);

//  What stands in place of the item of BR_OPAQUE_DETAILS, or "".
br_text_t chat_detail_inside (const br_opaque_t *opaque);

//  Whether it takes one at a call, in extra_content.google.thought_signature.
bool chat_thought_takes (const br_opaque_t *opaque, const br_target_t *target);

#endif
