//  echo_codec: an echo in any protocol that has a codec: a made-up answer is played to
//  it.

#ifndef BR_ECHO_CODEC_H
#define BR_ECHO_CODEC_H

#include "actors/echo/echo_reply.h"

//  As echo_reply_whole and echo_reply_stream.
void echo_codec_whole (const echo_reply_t *reply, echo_piece_fn *fn, void *arg);
void echo_codec_stream (const echo_reply_t *reply, echo_piece_fn *fn, void *arg);

#endif
