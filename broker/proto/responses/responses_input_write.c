//  responses_input_write: writes turns as items. What the model said becomes messages,
//  its calls and their results items of their own; its reasoning goes back only to the
//  family that can read it, and only directly in front of an item that follows.

#include <string.h>

#include "broker/proto/field.h"
#include "broker/proto/document.h"
#include "broker/proto/responses/responses_parts.h"

//  ---- content parts

static const char *
s_kind_name (br_block_kind_t kind)
{
    static const char *const names[BR_BLOCK_KINDS] = {
        [BR_BLOCK_TEXT] = "text",           [BR_BLOCK_REFUSAL] = "refusal",
        [BR_BLOCK_REASONING] = "reasoning", [BR_BLOCK_IMAGE] = "image",
        [BR_BLOCK_DOCUMENT] = "document",   [BR_BLOCK_AUDIO] = "audio",
        [BR_BLOCK_VIDEO] = "video",         [BR_BLOCK_CALL] = "tool call",
        [BR_BLOCK_RESULT] = "tool result",  [BR_BLOCK_HOSTED] = "hosted tool item",
    };
    return names[kind];
}

//  Where a block stood, or what it is.
static br_text_t
s_where (const br_block_t *block)
{
    return block->path.size ? block->path : br_text (s_kind_name (block->kind));
}

static br_text_t
s_given (br_text_t text)
{
    return text.at ? text : BR_TEXT ("");
}

//  "data:MIME;base64,DATA"
static void
s_put_data (responses_write_t *self, const char *key, const br_media_t *media,
            const char *otherwise)
{
    json_text_begin (&self->w, key);
    json_text_add (&self->w, BR_TEXT ("data:"));
    json_text_add (&self->w, media->mime.size ? media->mime : br_text (otherwise));
    json_text_add (&self->w, BR_TEXT (";base64,"));
    json_text_add (&self->w, media->data);
    json_text_end (&self->w);
}

//  Ids of files mean something at the provider that keeps them, and nowhere else.
static int
s_check_file_id (responses_write_t *self, const br_block_t *block)
{
    bool openai = self->call->protocol == BR_PROTOCOL_RESPONSES
                  || self->call->protocol == BR_PROTOCOL_CHAT;
    if (!block->media.file_id.size || openai)
        return 0;
    return responses_cannot (self, s_where (block),
                             "the id of a file is not known there");
}

static int
s_write_image (responses_write_t *self, const br_block_t *block)
{
    const br_media_t *media = &block->media;
    if (s_check_file_id (self, block))
        return -1;
    json_open (&self->w, NULL, '{');
    json_put_string (&self->w, "type", "input_image");
    if (media->file_id.size)
        json_put (&self->w, "file_id", media->file_id);
    else if (media->url.size)
        json_put (&self->w, "image_url", media->url);
    else
        s_put_data (self, "image_url", media, "image/png");
    json_put_given (&self->w, "detail", media->detail);
    json_close (&self->w, '}');
    return 0;
}

static void
s_put_text (responses_write_t *self, const char *type, br_text_t text)
{
    json_open (&self->w, NULL, '{');
    json_put_string (&self->w, "type", type);
    json_put (&self->w, "text", s_given (text));
    json_close (&self->w, '}');
}

static int
s_write_document (responses_write_t *self, const br_block_t *block)
{
    const br_media_t *media = &block->media;
    if (s_check_file_id (self, block))
        return -1;
    json_open (&self->w, NULL, '{');
    json_put_string (&self->w, "type", "input_file");
    if (media->file_id.size) {
        json_put (&self->w, "file_id", media->file_id);
    } else if (media->url.size) {
        json_put (&self->w, "file_url", media->url);
    } else {
        json_put (&self->w, "filename", br_document_name (media, self->arena));
        s_put_data (self, "file_data", media, "application/pdf");
    }
    json_close (&self->w, '}');
    return 0;
}

static int
s_write_audio (responses_write_t *self, const br_block_t *block)
{
    br_text_t mime = block->media.mime;
    bool mp3 = br_text_has (mime, "mpeg") || br_text_has (mime, "mp3");
    if (!block->media.data.size || (!mp3 && !br_text_has (mime, "wav")))
        return responses_cannot (self, s_where (block), "sound must be wav or mp3 data");
    json_open (&self->w, NULL, '{');
    json_put_string (&self->w, "type", "input_audio");
    json_open (&self->w, "input_audio", '{');
    json_put (&self->w, "data", block->media.data);
    json_put_string (&self->w, "format", mp3 ? "mp3" : "wav");
    json_close (&self->w, '}');
    json_close (&self->w, '}');
    return 0;
}

int
responses_write_part (responses_write_t *self, const br_block_t *block)
{
    if (block->cache.at)
        responses_lose (self, BR_TEXT ("cache_control"), false);
    switch (block->kind) {
    case BR_BLOCK_TEXT:
    case BR_BLOCK_REFUSAL: s_put_text (self, "input_text", block->text); return 0;
    case BR_BLOCK_IMAGE: return s_write_image (self, block);
    case BR_BLOCK_DOCUMENT: return s_write_document (self, block);
    case BR_BLOCK_AUDIO: return s_write_audio (self, block);
    case BR_BLOCK_VIDEO:
        return responses_cannot (self, s_where (block), "it takes no films");
    default: responses_lose (self, s_where (block), false); return 0;
    }
}

int
responses_write_content (responses_write_t *self, const br_block_t *blocks)
{
    json_open (&self->w, "content", '[');
    for (const br_block_t *block = blocks; block; block = block->next)
        if (responses_write_part (self, block))
            return -1;
    json_close (&self->w, ']');
    return 0;
}

//  ---- calls and results

static void
s_write_call (responses_write_t *self, const br_block_t *block)
{
    const br_dialect_t *dialect = self->target->dialect;
    if (block->cache.at)
        responses_lose (self, BR_TEXT ("cache_control"), false);
    json_open (&self->w, NULL, '{');
    json_put_string (&self->w, "type",
                     block->custom ? "custom_tool_call" : "function_call");
    json_put (&self->w, "call_id",
              br_tool_id (block->id, block->name, self->place++, dialect, self->arena));
    json_put (&self->w, "name",
              br_tool_name (block->name, BR_PROTOCOL_RESPONSES, self->arena));
    if (block->custom)
        json_put (&self->w, "input", s_given (block->text));
    else
        json_put (&self->w, "arguments",
                  br_text_is_blank (block->text) ? BR_TEXT ("{}") : block->text);
    json_close (&self->w, '}');
}

//  The call of a result in a list, whose first call has the place *place.
static const br_block_t *
s_find_call (const br_block_t *block, const br_block_t *result, unsigned *place)
{
    for (; block; block = block->next) {
        if (block->kind != BR_BLOCK_CALL)
            continue;
        if (br_text_equal (block->id, result->id))
            return block;
        (*place)++;
    }
    return NULL;
}

//  The same in the turn before the result. Settled turns have results in the order of
//  their calls, so that the next one is mostly it.
static const br_block_t *
s_call_of (responses_write_t *self, const br_turn_t *before, const br_block_t *result,
           unsigned *place)
{
    const br_block_t *call = NULL;
    unsigned next_place = self->next_place;
    if (self->next_call && br_text_equal (self->next_call->id, result->id)) {
        call = self->next_call;
        *place = next_place;
    } else if (before)
        call = s_find_call (before->blocks, result, place);
    self->next_call = call ? call->next : NULL;
    while (self->next_call && self->next_call->kind != BR_BLOCK_CALL)
        self->next_call = self->next_call->next;
    self->next_place = *place + 1;
    return call;
}

static bool
s_is_text_alone (const br_block_t *blocks)
{
    for (const br_block_t *block = blocks; block; block = block->next)
        if (block->kind != BR_BLOCK_TEXT)
            return false;
    return true;
}

//  A failed tool has no mark of its own here: the text says it.
static void
s_write_result_text (responses_write_t *self, const br_block_t *block)
{
    br_text_t text = br_block_join (block->blocks, "\n", self->arena);
    json_text_begin (&self->w, "output");
    if (block->error && !br_text_starts (text, "Error"))
        json_text_add (&self->w, BR_TEXT ("Error: "));
    json_text_add (&self->w, text);
    json_text_end (&self->w);
}

static int
s_write_result_parts (responses_write_t *self, const br_block_t *block)
{
    json_open (&self->w, "output", '[');
    if (block->error)
        s_put_text (self, "input_text", BR_TEXT ("Error: "));
    for (const br_block_t *part = block->blocks; part; part = part->next)
        if (responses_write_part (self, part))
            return -1;
    json_close (&self->w, ']');
    return 0;
}

//  before: the turn with the calls; place: of its first call
static int
s_write_result (responses_write_t *self, const br_block_t *block, const br_turn_t *before,
                unsigned place)
{
    const br_block_t *call = s_call_of (self, before, block, &place);
    bool custom = call ? call->custom : block->custom;
    if (block->cache.at)
        responses_lose (self, BR_TEXT ("cache_control"), false);
    json_open (&self->w, NULL, '{');
    json_put_string (&self->w, "type",
                     custom ? "custom_tool_call_output" : "function_call_output");
    json_put (&self->w, "call_id",
              br_tool_id (block->id, call ? call->name : block->name, place,
                          self->target->dialect, self->arena));
    if (s_is_text_alone (block->blocks))
        s_write_result_text (self, block);
    else if (s_write_result_parts (self, block))
        return -1;
    json_close (&self->w, '}');
    return 0;
}

//  ---- what the model said

static bool
s_is_said (const br_block_t *block)
{
    return block->kind == BR_BLOCK_TEXT || block->kind == BR_BLOCK_REFUSAL;
}

//  An empty text, as it stands beside calls in Chat, would be a message between reasoning
//  and what it belongs to.
static bool
s_is_nothing (const br_block_t *block)
{
    return s_is_said (block) && !block->text.size;
}

//  Texts that follow each other are parts of one message. Returns the last of them.
static const br_block_t *
s_write_said (responses_write_t *self, const br_block_t *block)
{
    const br_block_t *last = block;
    json_open (&self->w, NULL, '{');
    json_put_string (&self->w, "type", "message");
    json_put_string (&self->w, "role", "assistant");
    json_open (&self->w, "content", '[');
    for (; block && s_is_said (block); block = block->next) {
        last = block;
        if (block->cache.at)
            responses_lose (self, BR_TEXT ("cache_control"), false);
        if (block->kind == BR_BLOCK_TEXT) {
            s_put_text (self, "output_text", block->text);
            continue;
        }
        json_open (&self->w, NULL, '{');
        json_put_string (&self->w, "type", "refusal");
        json_put (&self->w, "refusal", s_given (block->text));
        json_close (&self->w, '}');
    }
    json_close (&self->w, ']');
    json_close (&self->w, '}');
    return last;
}

static void
s_put_part (responses_write_t *self, const char *list, const char *type, br_text_t text)
{
    json_open (&self->w, list, '[');
    if (text.size)
        s_put_text (self, type, text);
    json_close (&self->w, ']');
}

//  Text and the blob of its family; an id never stands without its blob.
static void
s_write_reasoning (responses_write_t *self, const br_block_t *block,
                   const br_opaque_t *opaque)
{
    json_open (&self->w, NULL, '{');
    json_put_string (&self->w, "type", "reasoning");
    json_put_given (&self->w, "id", opaque->id);
    s_put_part (self, "summary", "summary_text", block->summary);
    if (block->text.size)
        s_put_part (self, "content", "reasoning_text", block->text);
    json_put (&self->w, "encrypted_content", opaque->bytes);
    json_close (&self->w, '}');
}

//  Text alone; block: NULL when there is none, which is said too.
static void
s_write_plain (responses_write_t *self, const br_block_t *block)
{
    br_text_t text = BR_TEXT ("");
    if (block)
        text = block->text.size ? block->text : block->summary;
    json_open (&self->w, NULL, '{');
    json_put_string (&self->w, "type", "reasoning");
    s_put_part (self, "summary", "summary_text", BR_TEXT_NONE);
    json_open (&self->w, "content", '[');
    s_put_text (self, "reasoning_text", text);
    json_close (&self->w, ']');
    json_close (&self->w, '}');
}

static const br_opaque_t *
s_blob (const br_block_t *block)
{
    const br_opaque_t *opaque = br_opaque_of (block->opaques, BR_FAMILY_OPENAI,
                                              BR_OPAQUE_ENCRYPTED);
    return opaque && opaque->bytes.size ? opaque : NULL;
}

//  Whether a block becomes an item.
static bool
s_is_item (const br_block_t *block)
{
    return (s_is_said (block) && block->text.size) || block->kind == BR_BLOCK_CALL
           || (block->kind == BR_BLOCK_HOSTED && block->family == BR_FAMILY_OPENAI);
}

//  Whether an item follows, with nothing but reasoning that is sent too in between.
static bool
s_is_followed (const br_block_t *block)
{
    for (block = block->next; block; block = block->next) {
        if (s_is_item (block))
            return true;
        if (s_is_nothing (block))
            continue;
        if (block->kind != BR_BLOCK_REASONING || !s_blob (block))
            return false;
    }
    return false;
}

static bool
s_is_plain (const responses_write_t *self)
{
    return self->target->dialect->family == BR_FAMILY_PLAIN;
}

//  Reasoning as this target takes it back. Returns whether it was written.
static bool
s_write_thought (responses_write_t *self, const br_block_t *block)
{
    if (s_is_plain (self) && (block->text.size || block->summary.size)) {
        s_write_plain (self, block);
        return true;
    }
    const br_opaque_t *opaque = s_blob (block);
    if (self->target->dialect->family != BR_FAMILY_OPENAI || !opaque
        || !s_is_followed (block)) {
        responses_lose (self, BR_TEXT ("reasoning"), false);
        return false;
    }
    s_write_reasoning (self, block, opaque);
    return true;
}

//  Targets of plain reasoning want it in front of each call, not of the first alone.
static int
s_write_assistant (responses_write_t *self, const br_turn_t *turn)
{
    const br_dialect_t *dialect = self->target->dialect;
    const br_block_t *thought = NULL;
    bool fresh = false; //  the item before is reasoning
    for (const br_block_t *block = turn->blocks; block; block = block->next) {
        if (s_is_nothing (block))
            continue;
        if (block->kind == BR_BLOCK_REASONING) {
            fresh = s_write_thought (self, block);
            thought = fresh ? block : thought;
            continue;
        }
        bool call = block->kind == BR_BLOCK_CALL;
        bool wanted = thought || dialect->replay == BR_REPLAY_REQUIRED;
        if (call && wanted && !fresh && s_is_plain (self))
            s_write_plain (self, thought);
        fresh = false;
        if (s_is_said (block))
            block = s_write_said (self, block);
        else if (call)
            s_write_call (self, block);
        else if (s_is_item (block))
            json_put_raw (&self->w, NULL, block->raw);
        else
            responses_lose (self, s_where (block), false);
    }
    return 0;
}

//  ---- turns

static bool
s_is_user_item (const br_block_t *block)
{
    return block->kind == BR_BLOCK_RESULT || block->kind == BR_BLOCK_HOSTED;
}

//  What stands between items is one message. Returns the last of it, or NULL.
static const br_block_t *
s_write_message (responses_write_t *self, const char *role, const br_block_t *block)
{
    const br_block_t *last = block;
    json_open (&self->w, NULL, '{');
    json_put_string (&self->w, "type", "message");
    json_put_string (&self->w, "role", role);
    json_open (&self->w, "content", '[');
    for (; block && !s_is_user_item (block); block = block->next) {
        if (responses_write_part (self, block))
            return NULL;
        last = block;
    }
    json_close (&self->w, ']');
    json_close (&self->w, '}');
    return last;
}

static int
s_write_user (responses_write_t *self, const br_turn_t *turn, const br_turn_t *before,
              unsigned place)
{
    const char *role = "user";
    if (turn->role == BR_TURN_SYSTEM)
        role = self->target->dialect->developer ? "developer" : "system";
    for (const br_block_t *block = turn->blocks; block; block = block->next) {
        if (block->kind == BR_BLOCK_RESULT) {
            if (s_write_result (self, block, before, place))
                return -1;
        } else if (block->kind == BR_BLOCK_HOSTED) {
            if (block->family == BR_FAMILY_OPENAI)
                json_put_raw (&self->w, NULL, block->raw);
            else
                responses_lose (self, s_where (block), false);
        } else {
            block = s_write_message (self, role, block);
            if (!block)
                return -1;
        }
    }
    return 0;
}

//  An input without an item is refused, even below instructions.
static void
s_write_dot (responses_write_t *self)
{
    json_open (&self->w, NULL, '{');
    json_put_string (&self->w, "type", "message");
    json_put_string (&self->w, "role", "user");
    json_open (&self->w, "content", '[');
    s_put_text (self, "input_text", BR_TEXT ("."));
    json_close (&self->w, ']');
    json_close (&self->w, '}');
    responses_lose (
        self, br_text (br_field_name (BR_FIELD_MESSAGES, self->call->protocol)), true);
}

int
responses_write_input (responses_write_t *self)
{
    const br_turn_t *before = NULL;
    unsigned place = 0;
    json_open (&self->w, "input", '[');
    for (const br_turn_t *turn = self->call->turns; turn; turn = turn->next) {
        if (turn->name.size)
            responses_lose (self,
                            br_arena_textf (self->arena, "%.*s.name",
                                            (int) turn->path.size,
                                            turn->path.at ? turn->path.at : ""),
                            false);
        int rc = 0;
        if (turn->role == BR_TURN_ASSISTANT) {
            before = turn;
            place = self->place;
            self->next_call = NULL;
            rc = s_write_assistant (self, turn);
        } else {
            br_turn_t shown = *turn;
            shown.blocks = br_document_unfold (turn->blocks,
                                               BR_DOCUMENT_NAMED | BR_DOCUMENT_TYPED,
                                               self->losses, self->arena);
            shown.blocks = br_call_spell_results (shown.blocks, self->arena,
                                                  self->losses);
            rc = s_write_user (self, &shown, before, place);
        }
        if (rc)
            return -1;
    }
    if (!self->w.comma && self->call->previous_id.size == 0)
        s_write_dot (self);
    json_close (&self->w, ']');
    return 0;
}
