//  reply_play: a whole answer as the deltas that make it up.

#include "broker/core/json_tree.h"
#include "broker/proto/reply.h"

typedef struct {
    br_delta_fn *fn;
    void *arg;
    unsigned choice;
    unsigned block;
} playing_t;

static void
s_say (const playing_t *self, br_delta_t delta)
{
    delta.choice = self->choice;
    delta.block = self->block;
    self->fn (self->arg, &delta);
}

static void
s_play_opaques (const playing_t *self, const br_block_t *block)
{
    for (const br_opaque_t *opaque = block->opaques; opaque; opaque = opaque->next)
        s_say (self, (br_delta_t) { .kind = BR_DELTA_OPAQUE, .opaque = opaque });
}

static void
s_play_citations (const playing_t *self, const br_block_t *block)
{
    if (block->citations.size == 0)
        return;
    json_tree_t *tree = json_tree_new ();
    const json_node_t *list = json_tree_parse (tree, block->citations.at,
                                               block->citations.size, NULL);
    for (const json_node_t *n = json_first (tree, list); n; n = json_next (tree, n))
        s_say (self, (br_delta_t) { .kind = BR_DELTA_CITATION,
                                    .raw = json_raw (tree, n),
                                    .family = block->family });
    json_tree_destroy (&tree);
}

static void
s_play_text (const playing_t *self, const br_block_t *block)
{
    s_say (self, (br_delta_t) { .kind = BR_DELTA_TEXT,
                                .text = block->text,
                                .item_id = block->item_id });
    s_play_citations (self, block);
    s_play_opaques (self, block);
}

static void
s_play_refusal (const playing_t *self, const br_block_t *block)
{
    s_say (self, (br_delta_t) { .kind = BR_DELTA_REFUSAL,
                                .text = block->text,
                                .item_id = block->item_id });
}

static void
s_play_reasoning (const playing_t *self, const br_block_t *block)
{
    br_delta_t delta = { .kind = BR_DELTA_REASONING, .item_id = block->item_id };
    if (block->summary.size) {
        delta.text = block->summary;
        delta.summary = true;
        delta.first_of_part = true;
        s_say (self, delta);
    }
    if (block->text.size) {
        delta.text = block->text;
        delta.summary = false;
        delta.first_of_part = false;
        s_say (self, delta);
    }
    s_play_opaques (self, block);
}

static void
s_play_call (const playing_t *self, const br_block_t *block)
{
    s_say (self, (br_delta_t) { .kind = BR_DELTA_CALL,
                                .id = block->id,
                                .name = block->name,
                                .custom = block->custom,
                                .item_id = block->item_id });
    s_play_opaques (self, block);
    if (block->text.size)
        s_say (self,
               (br_delta_t) { .kind = BR_DELTA_ARGS, .text = block->text, .last = true });
}

static void
s_play_media (const playing_t *self, const br_block_t *block)
{
    s_say (self, (br_delta_t) { .kind = BR_DELTA_MEDIA,
                                .media = &block->media,
                                .media_kind = block->kind });
}

static void
s_play_hosted (const playing_t *self, const br_block_t *block)
{
    s_say (self, (br_delta_t) { .kind = BR_DELTA_HOSTED,
                                .raw = block->raw,
                                .family = block->family,
                                .item_id = block->item_id });
}

typedef void (play_fn) (const playing_t *self, const br_block_t *block);

//  A model says no results of tools; a block of one is passed over.
static play_fn *const s_players[BR_BLOCK_KINDS] = {
    [BR_BLOCK_TEXT] = s_play_text,           [BR_BLOCK_REFUSAL] = s_play_refusal,
    [BR_BLOCK_REASONING] = s_play_reasoning, [BR_BLOCK_IMAGE] = s_play_media,
    [BR_BLOCK_DOCUMENT] = s_play_media,      [BR_BLOCK_AUDIO] = s_play_media,
    [BR_BLOCK_VIDEO] = s_play_media,         [BR_BLOCK_CALL] = s_play_call,
    [BR_BLOCK_HOSTED] = s_play_hosted,
};

//  The text that logprobs are said of: the last, or NULL.
static const br_block_t *
s_likely (const br_reply_t *reply)
{
    const br_block_t *likely = NULL;
    for (const br_block_t *block = reply->blocks; block; block = block->next)
        if (block->kind == BR_BLOCK_TEXT)
            likely = block;
    return likely;
}

static void
s_play_logprobs (const playing_t *self, const br_reply_t *reply)
{
    if (reply->logprobs.size)
        s_say (self, (br_delta_t) { .kind = BR_DELTA_LOGPROBS, .raw = reply->logprobs });
}

static void
s_play_choice (const br_reply_t *reply, playing_t *playing)
{
    const br_block_t *likely = s_likely (reply);
    playing->choice = reply->choice;
    for (const br_block_t *block = reply->blocks; block; block = block->next) {
        if ((unsigned) block->kind >= BR_BLOCK_KINDS || !s_players[block->kind])
            continue;
        s_players[block->kind](playing, block);
        if (block == likely)
            s_play_logprobs (playing, reply);
        playing->block++;
    }
    playing->block = 0;
    if (!likely)
        s_play_logprobs (playing, reply);
}

void
br_reply_play (const br_reply_t *self, br_delta_fn *fn, void *arg)
{
    playing_t playing = { .fn = fn, .arg = arg };
    for (const br_reply_t *reply = self; reply; reply = reply->next) {
        playing.choice = reply->choice;
        s_say (&playing, (br_delta_t) { .kind = BR_DELTA_START,
                                        .id = self->id,
                                        .model = self->model,
                                        .created = self->created });
        s_play_choice (reply, &playing);
        if (reply == self && self->usage.known)
            s_say (&playing,
                   (br_delta_t) { .kind = BR_DELTA_USAGE, .usage = self->usage });
        s_say (&playing, (br_delta_t) { .kind = BR_DELTA_FINISH,
                                        .finish = br_reply_finish (reply),
                                        .native = reply->native_finish,
                                        .stop_sequence = reply->stop_sequence });
    }
    playing.choice = 0;
    s_say (&playing, (br_delta_t) { .kind = BR_DELTA_END });
}
