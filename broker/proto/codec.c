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

//  ---- a whole answer as a stream of one event

typedef struct {
    br_reply_t *reply;
    br_error_t *reterr;
    int rc;
} collect_t;

static void
s_collect (void *arg, const br_delta_t *delta)
{
    collect_t *self = arg;
    if (self->rc)
        return;
    if (delta->kind == BR_DELTA_ERROR)
        self->rc = br_error_set (self->reterr, delta->code, "%.*s",
                                 (int) delta->text.size, delta->text.at);
    else
        self->rc = br_reply_add (self->reply, delta, self->reterr);
}

int
br_codec_read_as_event (const br_codec_t *self, br_text_t mark, br_reply_t *reply,
                        const json_tree_t *tree, const json_node_t *root,
                        br_error_t *reterr)
{
    collect_t collect = { .reply = reply, .reterr = reterr };
    void *reader = self->reader_new ();
    int rc = self->read_event (reader, "", tree, root, s_collect, &collect, reterr);
    if (rc == 0 && collect.rc == 0)
        rc = self->read_mark (reader, mark, s_collect, &collect, reterr);
    self->reader_destroy (&reader);
    return rc ? -1 : collect.rc;
}
