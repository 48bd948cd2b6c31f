//  gemini_contents_write: writes turns as contents.
//
//  Turns of one role become one content. Answers of tools stand in the order of the calls
//  of the content before, one for each; a signature stands on the part that Google gave
//  it with, or on the next part when the client's protocol keeps it in the reasoning.

#include "broker/proto/document.h"
#include "broker/proto/gemini/gemini_parts.h"

typedef struct {
    gemini_task_t *task;
    json_writer_t *writer;
    const char *role;        //  of the content under way, or NULL
    const br_block_t *calls; //  the blocks of the assistant's turn before, or NULL
    unsigned place;          //  calls so far
    unsigned first_place;    //  of the turn before
    br_text_t pending;       //  a signature for the next part, or absent
    bool called;             //  the turn has a call already
} writer_t;

//  ---- contents

static void
s_close (writer_t *self)
{
    if (!self->role)
        return;
    json_close (self->writer, ']');
    json_close (self->writer, '}');
}

static void
s_open (writer_t *self, const char *role)
{
    s_close (self);
    json_open (self->writer, NULL, '{');
    json_put_string (self->writer, "role", role);
    json_open (self->writer, "parts", '[');
    self->role = role;
}

static void
s_put_text (writer_t *self, br_text_t text)
{
    json_open (self->writer, NULL, '{');
    json_put (self->writer, "text", text.at ? text : BR_TEXT (""));
    json_close (self->writer, '}');
}

//  A part of the turn may come now. The first content is the user's.
static void
s_ready (writer_t *self, const br_turn_t *turn)
{
    const char *role = turn->role == BR_TURN_ASSISTANT ? "model" : "user";
    if (!self->role && turn->role == BR_TURN_ASSISTANT) {
        s_open (self, "user");
        s_put_text (self, BR_TEXT ("."));
        gemini_lose_path (self->task, turn->path, "", true);
    }
    if (!self->role || *self->role != *role)
        s_open (self, role);
}

static void
s_begin (writer_t *self, const br_turn_t *turn)
{
    s_ready (self, turn);
    json_open (self->writer, NULL, '{');
}

static void
s_end (writer_t *self)
{
    json_close (self->writer, '}');
}

//  ---- signatures

static void
s_put_pending (writer_t *self, const br_turn_t *turn)
{
    if (!self->pending.at)
        return;
    s_begin (self, turn);
    json_put (self->writer, "text", BR_TEXT (""));
    json_put (self->writer, "thoughtSignature", self->pending);
    s_end (self);
    self->pending = BR_TEXT_NONE;
}

//  The signature of a part that comes now, or absent.
static br_text_t
s_take_signature (writer_t *self, const br_turn_t *turn, const br_block_t *block)
{
    const br_opaque_t *own = gemini_signature_of (block->opaques);
    if (own) {
        s_put_pending (self, turn);
        return own->bytes;
    }
    br_text_t signature = self->pending;
    self->pending = BR_TEXT_NONE;
    return signature;
}

static void
s_put_signature (writer_t *self, br_text_t signature)
{
    if (signature.at)
        json_put (self->writer, "thoughtSignature", signature);
}

//  ---- media

static int
s_refuse (const writer_t *self, const br_block_t *block, const char *why)
{
    br_text_t path = block->path.size ? block->path : BR_TEXT ("a part");
    return br_error_set (self->task->reterr, BR_EINVALID, "%.*s cannot be sent to %s: %s",
                         (int) path.size, path.at, self->task->target->provider, why);
}

//  Addresses that Google reads itself. Films may be anywhere; documents on newer models.
static bool
s_reads_url (const writer_t *self, const br_block_t *block)
{
    br_text_t url = block->media.url;
    return self->task->call->protocol == BR_PROTOCOL_GOOGLE
           || block->kind == BR_BLOCK_VIDEO || br_text_starts (url, "gs://")
           || (block->kind == BR_BLOCK_DOCUMENT
               && self->task->target->dialect->signatures);
}

static int
s_check_media (const writer_t *self, const br_block_t *block)
{
    const br_media_t *media = &block->media;
    if (media->data.at) {
        if (br_text_is (gemini_media_type (media, block->kind), "image/gif"))
            return s_refuse (self, block, "it takes no GIF; send PNG, JPEG or WebP");
        return 0;
    }
    if (media->file_id.at)
        return block->family == BR_FAMILY_GOOGLE
                   ? 0
                   : s_refuse (self, block,
                               "the file is kept by another provider; send its data");
    if (!media->url.at)
        return s_refuse (self, block, "it holds no data");
    return s_reads_url (self, block)
               ? 0
               : s_refuse (self, block, "it does not fetch URLs; send the data");
}

static void
s_put_detail (writer_t *self, const br_block_t *block)
{
    static const struct {
        const char *detail;
        const char *level;
    } rows[] = { { "low", "MEDIA_RESOLUTION_LOW" },
                 { "high", "MEDIA_RESOLUTION_HIGH" },
                 { "original", "MEDIA_RESOLUTION_HIGH" } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!br_text_is (block->media.detail, rows[i].detail))
            continue;
        if (!self->task->target->dialect->signatures) {
            gemini_lose_path (self->task, block->path, ".detail", false);
            continue;
        }
        json_open (self->writer, "mediaResolution", '{');
        json_put_string (self->writer, "level", rows[i].level);
        json_close (self->writer, '}');
    }
}

static int
s_write_media (writer_t *self, const br_turn_t *turn, const br_block_t *block)
{
    if (s_check_media (self, block))
        return -1;
    br_text_t signature = s_take_signature (self, turn, block);
    s_begin (self, turn);
    gemini_put_media (self->writer, &block->media, block->kind);
    s_put_detail (self, block);
    s_put_signature (self, signature);
    s_end (self);
    return 0;
}

//  ---- what the model and the user say

static int
s_write_text (writer_t *self, const br_turn_t *turn, const br_block_t *block)
{
    if (block->text.size == 0 && !gemini_signature_of (block->opaques))
        return 0;
    br_text_t signature = s_take_signature (self, turn, block);
    s_begin (self, turn);
    json_put (self->writer, "text", block->text.at ? block->text : BR_TEXT (""));
    s_put_signature (self, signature);
    s_end (self);
    return 0;
}

//  Reasoning that another family signed stays away: nobody here can read it. Google's own
//  clients have a signature in its place; those of others got it with the reasoning.
static int
s_write_reasoning (writer_t *self, const br_turn_t *turn, const br_block_t *block)
{
    const br_opaque_t *signature = gemini_signature_of (block->opaques);
    if (block->opaques && !signature) {
        gemini_lose_path (self->task, block->path, "", false);
        return 0;
    }
    bool in_place = self->task->call->protocol == BR_PROTOCOL_GOOGLE;
    br_text_t text = block->text.size ? block->text : block->summary;
    if (signature && !in_place) {
        s_put_pending (self, turn);
        self->pending = signature->bytes;
    }
    if (text.size == 0 && !(signature && in_place))
        return 0;
    s_begin (self, turn);
    json_put (self->writer, "text", text.at ? text : BR_TEXT (""));
    json_put_bool (self->writer, "thought", true);
    if (signature && in_place)
        json_put (self->writer, "thoughtSignature", signature->bytes);
    s_end (self);
    return 0;
}

static int
s_write_hosted (writer_t *self, const br_turn_t *turn, const br_block_t *block)
{
    if (block->family != BR_FAMILY_GOOGLE) {
        gemini_lose_path (self->task, block->path, "", false);
        return 0;
    }
    s_put_pending (self, turn);
    s_ready (self, turn);
    gemini_put_flat (self->writer, NULL, block->raw);
    return 0;
}

//  ---- calls and results

static void
s_put_name (writer_t *self, const br_block_t *call, unsigned place)
{
    const gemini_task_t *task = self->task;
    br_arena_t *arena = task->call->arena;
    const br_dialect_t *dialect = task->target->dialect;
    if (dialect->ids != BR_IDS_OMIT && call->id.size)
        json_put (self->writer, "id",
                  br_tool_id (call->id, call->name, place, dialect, arena));
    json_put (self->writer, "name", br_tool_name (call->name, BR_PROTOCOL_GOOGLE, arena));
}

static int
s_write_call (writer_t *self, const br_turn_t *turn, const br_block_t *block)
{
    br_text_t signature = s_take_signature (self, turn, block);
    if (!signature.at && !self->called && self->task->target->dialect->signatures)
        signature = BR_TEXT (BR_THOUGHT_UNKNOWN);
    self->called = true;
    s_begin (self, turn);
    json_open (self->writer, "functionCall", '{');
    s_put_name (self, block, self->place++);
    bool changed = gemini_put_args (self->writer, block->text, block->custom,
                                    self->task->tree);
    json_close (self->writer, '}');
    if (changed)
        gemini_lose_path (self->task, block->path, "", true);
    s_put_signature (self, signature);
    s_end (self);
    return 0;
}

static bool
s_is_media (const br_block_t *block)
{
    return block->kind == BR_BLOCK_IMAGE || block->kind == BR_BLOCK_AUDIO
           || block->kind == BR_BLOCK_VIDEO || block->kind == BR_BLOCK_DOCUMENT;
}

//  All texts of a result.
static br_text_t
s_result_text (const writer_t *self, const br_block_t *result)
{
    br_arena_t *arena = self->task->call->arena;
    br_block_t *texts = NULL;
    for (const br_block_t *b = result->blocks; b; b = b->next)
        if (b->kind == BR_BLOCK_TEXT || b->kind == BR_BLOCK_REFUSAL)
            br_block_add (&texts, BR_BLOCK_TEXT, arena)->text = b->text;
    return br_block_join (texts, "\n", arena);
}

//  Pictures of a result: inside of it, where the model knows that.
static int
s_put_result_media (writer_t *self, const br_block_t *result)
{
    bool open = false;
    for (const br_block_t *b = result->blocks; b; b = b->next) {
        if (!s_is_media (b))
            continue;
        if (s_check_media (self, b))
            return -1;
        if (!open)
            json_open (self->writer, "parts", '[');
        open = true;
        json_open (self->writer, NULL, '{');
        gemini_put_media (self->writer, &b->media, b->kind);
        json_close (self->writer, '}');
    }
    if (open)
        json_close (self->writer, ']');
    return 0;
}

//  in:   result, NULL when there is none: each call gets one
static int
s_write_result (writer_t *self, const br_turn_t *turn, const br_block_t *call,
                const br_block_t *result, unsigned place)
{
    int rc = 0;
    s_begin (self, turn);
    json_open (self->writer, "functionResponse", '{');
    s_put_name (self, call, place);
    br_text_t text = result ? s_result_text (self, result)
                            : BR_TEXT ("(no result: interrupted)");
    gemini_put_response (self->writer, text, !result || result->error, self->task->tree);
    if (result && self->task->target->dialect->signatures)
        rc = s_put_result_media (self, result);
    json_close (self->writer, '}');
    s_end (self);
    return rc;
}

//  from: the next one in the order of calls, in which settled turns have them
static const br_block_t *
s_result_of (const br_turn_t *turn, const br_block_t **from, const br_block_t *call)
{
    const br_block_t *next = *from;
    if (next && next->kind == BR_BLOCK_RESULT && br_text_equal (next->id, call->id)) {
        *from = next->next;
        return next;
    }
    for (const br_block_t *b = turn->blocks; b && b->kind == BR_BLOCK_RESULT; b = b->next)
        if (br_text_equal (b->id, call->id))
            return b;
    return NULL;
}

//  Older models see pictures of results beside them.
static int
s_write_media_beside (writer_t *self, const br_turn_t *turn)
{
    for (const br_block_t *r = turn->blocks; r && r->kind == BR_BLOCK_RESULT; r = r->next)
        for (const br_block_t *b = r->blocks; b; b = b->next) {
            if (!s_is_media (b))
                continue;
            gemini_lose_path (self->task, r->path, "", true);
            if (s_write_media (self, turn, b))
                return -1;
        }
    return 0;
}

static int
s_write_results (writer_t *self, const br_turn_t *turn)
{
    unsigned place = self->first_place;
    const br_block_t *from = turn->blocks;
    int rc = 0;
    for (const br_block_t *b = self->calls; b && rc == 0; b = b->next)
        if (b->kind == BR_BLOCK_CALL)
            rc = s_write_result (self, turn, b, s_result_of (turn, &from, b), place++);
    if (rc == 0 && self->calls && !self->task->target->dialect->signatures)
        rc = s_write_media_beside (self, turn);
    return rc;
}

//  ---- turns

typedef int (block_fn) (writer_t *self, const br_turn_t *turn, const br_block_t *block);

//  Results are written with the calls they belong to.
static block_fn *const s_blocks[BR_BLOCK_KINDS] = {
    [BR_BLOCK_TEXT] = s_write_text,           [BR_BLOCK_REFUSAL] = s_write_text,
    [BR_BLOCK_REASONING] = s_write_reasoning, [BR_BLOCK_IMAGE] = s_write_media,
    [BR_BLOCK_DOCUMENT] = s_write_media,      [BR_BLOCK_AUDIO] = s_write_media,
    [BR_BLOCK_VIDEO] = s_write_media,         [BR_BLOCK_CALL] = s_write_call,
    [BR_BLOCK_HOSTED] = s_write_hosted,
};

//  An instruction between turns: there is no such thing, so the user passes it on.
static int
s_write_reminder (writer_t *self, const br_turn_t *turn)
{
    br_text_t text = br_block_join (turn->blocks, "\n", self->task->call->arena);
    if (text.size == 0)
        return 0;
    s_begin (self, turn);
    json_text_begin (self->writer, "text");
    json_text_add (self->writer, BR_TEXT ("<system-reminder>\n"));
    json_text_add (self->writer, text);
    json_text_add (self->writer, BR_TEXT ("\n</system-reminder>"));
    json_text_end (self->writer);
    s_end (self);
    gemini_lose_path (self->task, turn->path, "", true);
    return 0;
}

//  Documents of a user's turn stand in it as far as there is a place for them.
static br_turn_t
s_unfold (writer_t *self, const br_turn_t *turn)
{
    bool own = self->task->call->protocol == BR_PROTOCOL_GOOGLE;
    unsigned places = own ? BR_DOCUMENT_NAMED | BR_DOCUMENT_TYPED : 0;
    br_turn_t shown = *turn;
    if (turn->role == BR_TURN_USER)
        shown.blocks = br_document_unfold (turn->blocks, places, self->task->losses,
                                           self->task->call->arena);
    shown.blocks = br_call_spell_results (shown.blocks, self->task->call->arena,
                                          self->task->losses);
    return shown;
}

static int
s_write_turn (writer_t *self, const br_turn_t *given)
{
    const br_turn_t shown = s_unfold (self, given);
    const br_turn_t *turn = &shown;
    if (turn->role == BR_TURN_SYSTEM)
        return s_write_reminder (self, turn);
    if (turn->name.size)
        gemini_lose_path (self->task, turn->path, ".name", false);
    unsigned place = self->place;
    int rc = 0;
    if (turn->role == BR_TURN_USER)
        rc = s_write_results (self, turn);
    self->called = false;
    for (const br_block_t *b = turn->blocks; b && rc == 0; b = b->next)
        if (s_blocks[b->kind])
            rc = s_blocks[b->kind](self, turn, b);
    s_put_pending (self, turn);
    self->calls = self->place > place ? turn->blocks : NULL;
    self->first_place = place;
    return rc;
}

int
gemini_write_contents (gemini_task_t *task)
{
    writer_t self = { .task = task, .writer = &task->writer };
    int rc = 0;
    json_open (self.writer, "contents", '[');
    for (const br_turn_t *turn = task->call->turns; turn && rc == 0; turn = turn->next)
        rc = s_write_turn (&self, turn);
    if (!self.role) {
        s_open (&self, "user");
        s_put_text (&self, BR_TEXT ("."));
    }
    s_close (&self);
    json_close (self.writer, ']');
    return rc;
}
