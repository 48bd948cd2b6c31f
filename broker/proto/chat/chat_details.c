//  chat_details: reasoning_details, OpenRouter's list of what a model thought and of
//  blobs that the model's maker wants back. A format names the maker. To a client each blob
//  goes in an envelope, so that it is known whose it is when it comes back.

#include "broker/proto/chat/chat_parts.h"

#define FORMAT_OWN "bitrouter-v1" //  of an envelope

typedef struct {
    const char *format;
    br_family_t family;
    br_opaque_kind_t blob;   //  of a signature with text
    br_opaque_kind_t cipher; //  of reasoning.encrypted
    const char *models[3];   //  what names of its models hold
} format_row_t;

static const format_row_t s_formats[] = {
    { "anthropic-claude-v1",
      BR_FAMILY_ANTHROPIC,
      BR_OPAQUE_SIGNATURE,
      BR_OPAQUE_REDACTED,
      { "claude", "anthropic", "claude" } },
    { "openai-responses-v1",
      BR_FAMILY_OPENAI,
      BR_OPAQUE_ENCRYPTED,
      BR_OPAQUE_ENCRYPTED,
      { "openai", "gpt", "codex" } },
    { "google-gemini-v1",
      BR_FAMILY_GOOGLE,
      BR_OPAQUE_THOUGHT,
      BR_OPAQUE_THOUGHT,
      { "gemini", "google", "gemini" } },
};

#define FORMATS (sizeof s_formats / sizeof s_formats[0])

static const format_row_t *
s_row_of (br_family_t family)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (s_formats[i].family == family)
            return &s_formats[i];
    return NULL;
}

const char *
chat_detail_format (br_family_t family)
{
    const format_row_t *row = s_row_of (family);
    return row ? row->format : NULL;
}

bool
chat_detail_fits (br_family_t family, br_text_t model)
{
    const format_row_t *row = s_row_of (family);
    for (size_t i = 0; row && i < sizeof row->models / sizeof row->models[0]; i++)
        if (br_text_has (model, row->models[i]))
            return true;
    return family == BR_FAMILY_OPENROUTER;
}

bool
chat_detail_takes (const br_opaque_t *opaque, const br_target_t *target, bool signature)
{
    const format_row_t *row = s_row_of (opaque->family);
    if (target->dialect->replay != BR_REPLAY_DETAILS
        || !chat_detail_fits (opaque->family, br_text (target->model)))
        return false;
    if (!row)
        return opaque->kind == BR_OPAQUE_DETAILS;
    return opaque->kind == (signature ? row->blob : row->cipher);
}

bool
chat_thought_takes (const br_opaque_t *opaque, const br_target_t *target)
{
    return opaque->family == BR_FAMILY_GOOGLE && opaque->kind == BR_OPAQUE_THOUGHT
           && target->dialect->family == BR_FAMILY_GOOGLE;
}

//  ---- reading

static br_text_t
s_text (const json_tree_t *tree, const json_node_t *item, const char *key,
        br_arena_t *arena)
{
    return json_node_text (tree, json_given (tree, item, key), arena);
}

//  An item of an unknown maker stays whole, as a list of one.
static void
s_keep_whole (const json_tree_t *tree, const json_node_t *item, br_arena_t *arena,
              br_opaque_t *opaque)
{
    br_text_t raw = json_raw (tree, item);
    opaque->family = BR_FAMILY_OPENROUTER;
    opaque->kind = BR_OPAQUE_DETAILS;
    opaque->bytes = br_arena_textf (arena, "[%.*s]", (int) raw.size, raw.at);
}

void
chat_blob_open (br_opaque_t *blob, br_arena_t *arena)
{
    if (!br_envelope_is (blob->bytes))
        return;
    const br_opaque_t *inner = br_envelope_open (blob->bytes, arena);
    bool is_one = inner && inner->family != BR_FAMILY_PLAIN;
    *blob = is_one ? *inner : (br_opaque_t) { .family = BR_FAMILY_NONE };
}

void
chat_detail_read (const json_tree_t *tree, const json_node_t *item, br_arena_t *arena,
                  chat_detail_t *ret_detail)
{
    *ret_detail = (chat_detail_t) { 0 };
    const json_node_t *type = json_given (tree, item, "type");
    if (json_node_is (tree, type, "reasoning.text"))
        ret_detail->text = s_text (tree, item, "text", arena);
    if (json_node_is (tree, type, "reasoning.summary"))
        ret_detail->summary = s_text (tree, item, "summary", arena);
    br_text_t signature = s_text (tree, item, "signature", arena);
    br_text_t data = s_text (tree, item, "data", arena);
    if (signature.size == 0 && data.size == 0)
        return;
    br_opaque_t *opaque = &ret_detail->opaque;
    ret_detail->is_blob = true;
    opaque->bytes = signature.size ? signature : data;
    opaque->id = s_text (tree, item, "id", arena);
    if (br_envelope_is (opaque->bytes)) {
        chat_blob_open (opaque, arena);
        return;
    }
    const json_node_t *format = json_given (tree, item, "format");
    for (size_t i = 0; i < FORMATS; i++)
        if (json_node_is (tree, format, s_formats[i].format)) {
            opaque->family = s_formats[i].family;
            opaque->kind = signature.size ? s_formats[i].blob : s_formats[i].cipher;
            return;
        }
    s_keep_whole (tree, item, arena, opaque);
}

//  ---- writing

br_text_t
chat_detail_inside (const br_opaque_t *opaque)
{
    if (opaque->bytes.size < 2)
        return BR_TEXT ("");
    br_text_t inside = { opaque->bytes.at + 1, opaque->bytes.size - 2 };
    return br_text_is_blank (inside) ? BR_TEXT ("") : inside;
}

static void
s_put_end (json_writer_t *writer, const char *format, unsigned *index)
{
    json_put_string (writer, "format", format);
    json_put_integer (writer, "index", (*index)++);
    json_close (writer, '}');
}

static void
s_put_cipher (json_writer_t *writer, br_text_t data, br_text_t id, const char *format,
              unsigned *index)
{
    json_open (writer, NULL, '{');
    json_put_string (writer, "type", "reasoning.encrypted");
    json_put (writer, "data", data);
    json_put_given (writer, "id", id);
    s_put_end (writer, format, index);
}

void
chat_detail_write (json_writer_t *writer, const br_opaque_t *opaque, br_text_t text,
                   unsigned *index)
{
    const format_row_t *row = s_row_of (opaque->family);
    if (opaque->kind == BR_OPAQUE_DETAILS && opaque->family == BR_FAMILY_OPENROUTER) {
        br_text_t inside = chat_detail_inside (opaque);
        if (inside.size)
            json_put_raw (writer, NULL, inside);
        (*index)++;
    } else if (row && opaque->kind == row->cipher)
        s_put_cipher (writer, opaque->bytes, opaque->id, row->format, index);
    else if (row && opaque->kind == row->blob) {
        json_open (writer, NULL, '{');
        json_put_string (writer, "type", "reasoning.text");
        json_put (writer, "text", text.at ? text : BR_TEXT (""));
        json_put (writer, "signature", opaque->bytes);
        s_put_end (writer, row->format, index);
    }
}

//  The envelope stands where the blob would; what has no such place stands in a format of
//  our own. A blob that does not fit into one is left out.
void
chat_detail_seal (json_writer_t *writer, const br_opaque_t *opaque, br_text_t text,
                  unsigned *index, br_arena_t *arena)
{
    const format_row_t *row = s_row_of (opaque->family);
    br_opaque_t sealed = *opaque;
    sealed.bytes = br_envelope_seal (opaque, arena);
    if (!sealed.bytes.at)
        return;
    if (row && (opaque->kind == row->cipher || opaque->kind == row->blob))
        chat_detail_write (writer, &sealed, text, index);
    else
        s_put_cipher (writer, sealed.bytes, BR_TEXT_NONE, FORMAT_OWN, index);
}

void
chat_detail_write_text (json_writer_t *writer, br_text_t text, bool summary,
                        const char *format, unsigned *index)
{
    json_open (writer, NULL, '{');
    json_put_string (writer, "type", summary ? "reasoning.summary" : "reasoning.text");
    json_put (writer, summary ? "summary" : "text", text);
    s_put_end (writer, format ? format : "unknown", index);
}

bool
chat_detail_holds_text (const br_opaque_t *opaque)
{
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, opaque->bytes.at, opaque->bytes.size,
                                               NULL);
    bool holds = false;
    for (const json_node_t *item = json_first (tree, root); item && !holds;
         item = json_next (tree, item)) {
        const json_node_t *text = json_given (tree, item, "text");
        holds = json_is (text, JSON_STRING) && text->size > 2;
    }
    json_tree_destroy (&tree);
    return holds;
}

//  Which blobs bring the text that they go with.
static bool
s_brings_text (const br_opaque_t *blob, bool sealed)
{
    return blob->kind == BR_OPAQUE_SIGNATURE
           || (!sealed && blob->kind == BR_OPAQUE_DETAILS
               && chat_detail_holds_text (blob));
}

static void
s_write_texts (json_writer_t *writer, const br_block_t *block, unsigned *index,
               bool sealed)
{
    const char *format = NULL;
    bool brings = block->kind != BR_BLOCK_REASONING;
    for (const br_opaque_t *blob = block->opaques; blob; blob = blob->next) {
        if (!format)
            format = chat_detail_format (blob->family);
        brings = brings || s_brings_text (blob, sealed);
    }
    if (block->summary.size)
        chat_detail_write_text (writer, block->summary, true, format, index);
    if (block->text.size && !brings)
        chat_detail_write_text (writer, block->text, false, format, index);
}

static br_text_t
s_text_of (const br_block_t *block)
{
    return block->kind == BR_BLOCK_REASONING ? block->text : BR_TEXT_NONE;
}

void
chat_detail_write_block (json_writer_t *writer, const br_block_t *block, unsigned *index)
{
    s_write_texts (writer, block, index, false);
    for (const br_opaque_t *blob = block->opaques; blob; blob = blob->next)
        chat_detail_write (writer, blob, s_text_of (block), index);
}

void
chat_detail_seal_block (json_writer_t *writer, const br_block_t *block, unsigned *index,
                        br_arena_t *arena)
{
    s_write_texts (writer, block, index, true);
    for (const br_opaque_t *blob = block->opaques; blob; blob = blob->next)
        chat_detail_seal (writer, blob, s_text_of (block), index, arena);
}

void
chat_thought_write (json_writer_t *writer, br_text_t thought)
{
    if (!thought.at)
        return;
    json_open (writer, "extra_content", '{');
    json_open (writer, "google", '{');
    json_put (writer, "thought_signature", thought);
    json_close (writer, '}');
    json_close (writer, '}');
}
