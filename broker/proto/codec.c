//  codec: all protocols.

#include <assert.h>

#include "broker/proto/chat/chat_codec.h"
#include "broker/proto/codec.h"
#include "broker/proto/completions/completions_codec.h"
#include "broker/proto/gemini/gemini_codec.h"
#include "broker/proto/messages/messages_codec.h"
#include "broker/proto/responses/responses_codec.h"

static const br_codec_t *const s_codecs[BR_PROTOCOL_COUNT] = {
    [BR_PROTOCOL_CHAT] = &chat_codec,
    [BR_PROTOCOL_RESPONSES] = &responses_codec,
    [BR_PROTOCOL_MESSAGES] = &messages_codec,
    [BR_PROTOCOL_GOOGLE] = &gemini_codec,
    [BR_PROTOCOL_COMPLETIONS] = &completions_codec,
};

const br_codec_t *
br_codec_of (br_protocol_t protocol)
{
    assert ((unsigned) protocol < BR_PROTOCOL_COUNT);
    return s_codecs[protocol];
}
