//  gemini_contents: reads the contents of a request into turns.
//
//  Answers of tools stand in user turns, whatever content they came in: a content may
//  hold a call and its answer, when the provider's own tools were called.

#include <string.h>

#include "broker/proto/document.h"
#include "broker/proto/gemini/gemini_parts.h"

typedef struct {
    br_call_t *call;
    const json_tree_t *tree;
    br_turn_t *turn;      //  of the part under way, or NULL
    br_block_t *last;     //  of the turn
    br_block_t *thoughts; //  where last is one and not signed: the first of its kind
    br_turn_role_t role;
    br_text_t turn_path;
    br_text_t path; //  of the part
    br_error_t *reterr;
} reader_t;

typedef int (part_fn) (reader_t *self, const json_node_t *part, const json_node_t *node);

static br_text_t
s_text (const reader_t *self, const json_node_t *node, const char *key)
{
    return json_node_text (self->tree, gemini_get (self->tree, node, key),
                           self->call->arena);
}

static int
s_want (const reader_t *self, const json_node_t *node, const char *key, json_type_t type)
{
    return gemini_want (self->tree, gemini_get (self->tree, node, key), type,
                        self->reterr);
}

static void
s_turn (reader_t *self, br_turn_role_t role)
{
    if (self->turn && self->turn->role == role)
        return;
    self->turn = br_call_add_turn (self->call, role);
    self->turn->path = self->turn_path;
    self->last = NULL;
}

static bool
s_is_open (const br_block_t *block)
{
    return block && block->kind == BR_BLOCK_REASONING && !block->opaques;
}

static br_block_t *
s_add (reader_t *self, br_block_kind_t kind)
{
    s_turn (self, kind == BR_BLOCK_RESULT ? BR_TURN_USER : self->role);
    bool more = kind == BR_BLOCK_REASONING && s_is_open (self->last);
    self->last = br_block_add (&self->turn->blocks, kind, self->call->arena);
    if (!more)
        self->thoughts = self->last;
    self->last->path = self->path;
    return self->last;
}

//  ---- signatures

//  Streams bring a thought in many parts, and a blob signs all of it: the parts that
//  come last and are not signed become one.
static br_block_t *
s_join_thoughts (reader_t *self)
{
    br_block_t *first = self->thoughts;
    size_t size = 0;
    if (!first || first == self->last)
        return first;
    for (const br_block_t *b = first; b; b = b->next)
        size += b->text.size;
    char *bytes = br_arena_take (self->call->arena, size + 1);
    size_t used = 0;
    for (const br_block_t *b = first; b; b = b->next) {
        if (b->text.size)
            memcpy (bytes + used, b->text.at, b->text.size);
        used += b->text.size;
    }
    first->text = (br_text_t) { bytes, size };
    first->next = NULL;
    self->turn->blocks->last = first;
    self->last = first;
    return first;
}

//  A blob of another family belongs to the reasoning in front of the part that carries
//  it.
static void
s_restore (reader_t *self, br_opaque_t *opaque)
{
    s_turn (self, self->role);
    br_block_t *block = self->last;
    if (s_is_open (block))
        block = s_join_thoughts (self);
    if (!block || block->kind != BR_BLOCK_REASONING)
        block = s_add (self, BR_BLOCK_REASONING);
    br_opaque_t *added = br_opaque_add (&block->opaques, opaque->family, opaque->kind,
                                        opaque->bytes, self->call->arena);
    added->model = opaque->model;
    added->id = opaque->id;
}

//  Google's blob of a part, or absent. One of another family is put where it belongs;
//  what was damaged on its way is nothing, and so is one of the plain family, which only
//  tells that the call never had one.
static br_text_t
s_signature (reader_t *self, const json_node_t *part)
{
    br_text_t text = s_text (self, part, "thoughtSignature");
    if (!br_envelope_is (text))
        return text.size ? text : BR_TEXT_NONE;
    br_opaque_t *opaque = br_envelope_open (text, self->call->arena);
    if (opaque && opaque->family == BR_FAMILY_GOOGLE)
        return opaque->bytes;
    if (opaque && opaque->family != BR_FAMILY_PLAIN)
        s_restore (self, opaque);
    return BR_TEXT_NONE;
}

static void
s_sign (reader_t *self, br_block_t *block, br_text_t signature)
{
    if (signature.at)
        br_opaque_add (&block->opaques, BR_FAMILY_GOOGLE, BR_OPAQUE_THOUGHT, signature,
                       self->call->arena);
}

//  ---- parts

static int
s_part_text (reader_t *self, const json_node_t *part, const json_node_t *node)
{
    const json_tree_t *tree = self->tree;
    br_text_t text = BR_TEXT ("");
    if (node)
        text = json_node_text (tree, node, self->call->arena);
    if (json_node_bool (tree, json_given (tree, part, "thought"), false)) {
        br_block_t *thought = s_add (self, BR_BLOCK_REASONING);
        thought->text = text;
        s_sign (self, thought, s_signature (self, part));
        return 0;
    }
    br_text_t signature = s_signature (self, part);
    if (text.size == 0 && !signature.at)
        return 0;
    br_block_t *block = s_add (self, BR_BLOCK_TEXT);
    block->text = text;
    s_sign (self, block, signature);
    return 0;
}

static int
s_part_call (reader_t *self, const json_node_t *part, const json_node_t *node)
{
    const json_node_t *args = gemini_get (self->tree, node, "args");
    if (s_want (self, node, "name", JSON_STRING) || s_want (self, node, "id", JSON_STRING)
        || gemini_want (self->tree, args, JSON_OBJECT, self->reterr))
        return -1;
    br_text_t signature = s_signature (self, part);
    br_block_t *block = s_add (self, BR_BLOCK_CALL);
    block->name = s_text (self, node, "name");
    if (block->name.size == 0)
        return br_error_set (self->reterr, BR_EINVALID, "%.*s.functionCall needs a name",
                             (int) self->path.size, self->path.at);
    block->id = s_text (self, node, "id");
    if (block->id.size == 0)
        block->id = BR_TEXT_NONE;
    block->text = args ? json_raw (self->tree, args) : BR_TEXT ("{}");
    s_sign (self, block, signature);
    return 0;
}

//  Plain text is canonical as it is, not in base64.
static int
s_decode (reader_t *self, const json_node_t *node, br_media_t *media)
{
    char path[256];
    if (br_document_decode (media, self->call->arena) == 0)
        return 0;
    json_path (self->tree, node, path, sizeof path);
    return br_error_set (self->reterr, BR_EINVALID,
                         "%s.data must be text in base64, as its mimeType says", path);
}

//  Google's own stores: nobody else can read them.
static bool
s_is_stored (br_text_t uri)
{
    return br_text_starts (uri, "gs://")
           || br_text_starts (uri, "https://generativelanguage.googleapis.com/")
           || br_text_starts (uri, "files/");
}

//  Of media without a type, by its address; what that does not tell is a document.
static br_block_kind_t
s_kind_of_url (reader_t *self, br_text_t url)
{
    br_block_kind_t kind = gemini_url_kind (url);
    if (kind != BR_BLOCK_KINDS || !url.at)
        return kind != BR_BLOCK_KINDS ? kind : BR_BLOCK_DOCUMENT;
    br_loss_add (&self->call->extras, self->call->arena,
                 br_arena_textf (self->call->arena, "%.*s.fileData.mimeType",
                                 (int) self->path.size, self->path.at),
                 true);
    return BR_BLOCK_DOCUMENT;
}

//  in:   node, inlineData or fileData; list, where the block goes; NULL = the turn
static int
s_media (reader_t *self, const json_node_t *node, br_block_t **list)
{
    static const char *const keys[] = { "mimeType", "data", "fileUri", "displayName" };
    if (gemini_want (self->tree, node, JSON_OBJECT, self->reterr))
        return -1;
    for (size_t i = 0; i < 4; i++)
        if (s_want (self, node, keys[i], JSON_STRING))
            return -1;
    br_media_t media = { .mime = s_text (self, node, "mimeType"),
                         .data = s_text (self, node, "data"),
                         .url = s_text (self, node, "fileUri"),
                         .name = s_text (self, node, "displayName") };
    if (!media.data.at && !media.url.at)
        return br_error_set (self->reterr, BR_EINVALID, "%.*s holds no data",
                             (int) self->path.size, self->path.at);
    if (s_decode (self, node, &media))
        return -1;
    bool stored = s_is_stored (media.url);
    if (stored) {
        media.file_id = media.url;
        media.url = BR_TEXT_NONE;
    }
    br_block_kind_t kind = media.mime.size ? gemini_media_kind (media.mime)
                                           : s_kind_of_url (self, media.url);
    br_block_t *block = list ? br_block_add (list, kind, self->call->arena)
                             : s_add (self, kind);
    block->path = self->path;
    block->media = media;
    if (stored)
        block->family = BR_FAMILY_GOOGLE;
    return 0;
}

static br_text_t
s_detail (const reader_t *self, const json_node_t *part)
{
    static const struct {
        const char *level;
        const char *detail;
    } rows[] = { { "MEDIA_RESOLUTION_LOW", "low" },
                 { "MEDIA_RESOLUTION_MEDIUM", "auto" },
                 { "MEDIA_RESOLUTION_HIGH", "high" },
                 { "MEDIA_RESOLUTION_ULTRA_HIGH", "original" } };
    const json_node_t *node = gemini_get (self->tree, part, "mediaResolution");
    if (json_is (node, JSON_OBJECT))
        node = gemini_get (self->tree, node, "level");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (json_node_is (self->tree, node, rows[i].level))
            return br_text (rows[i].detail);
    return BR_TEXT_NONE;
}

static int
s_part_media (reader_t *self, const json_node_t *part, const json_node_t *node)
{
    br_text_t signature = s_signature (self, part);
    int rc = s_media (self, node, NULL);
    if (rc)
        return -1;
    self->last->media.detail = s_detail (self, part);
    s_sign (self, self->last, signature);
    return 0;
}

//  The member that clients put around what a tool said, or NULL. Google names output and
//  error; its own SDKs say result, the AI SDK content beside the name.
//  in:   name, of the tool
static const json_node_t *
s_wrapped (const reader_t *self, const json_node_t *response, br_text_t name)
{
    static const char *const keys[] = { "output", "error", "result" };
    const json_tree_t *tree = self->tree;
    const json_node_t *content = json_given (tree, response, "content");
    const json_node_t *named = json_given (tree, response, "name");
    if (response->count == 2 && content && json_is (named, JSON_STRING)
        && br_text_equal (json_node_text (tree, named, self->call->arena), name))
        return content;
    for (size_t i = 0; response->count == 1 && i < 3; i++) {
        const json_node_t *only = json_given (tree, response, keys[i]);
        if (only)
            return only;
    }
    return NULL;
}

//  What a tool said: what stands in its wrapping, or all of it as JSON.
static br_text_t
s_response (const reader_t *self, const json_node_t *response, br_block_t *result)
{
    const json_tree_t *tree = self->tree;
    if (!response)
        return BR_TEXT ("");
    const json_node_t *said = s_wrapped (self, response, result->name);
    if (!said)
        return json_raw (tree, response);
    result->error = json_key_is (tree, said, "error");
    return said->type == JSON_STRING ? json_node_text (tree, said, self->call->arena)
                                     : json_raw (tree, said);
}

static int
s_part_result (reader_t *self, const json_node_t *part, const json_node_t *node)
{
    (void) part;
    const json_tree_t *tree = self->tree;
    const json_node_t *response = gemini_get (tree, node, "response");
    const json_node_t *parts = gemini_get (tree, node, "parts");
    if (s_want (self, node, "name", JSON_STRING) || s_want (self, node, "id", JSON_STRING)
        || gemini_want (tree, response, JSON_OBJECT, self->reterr)
        || gemini_want (tree, parts, JSON_ARRAY, self->reterr))
        return -1;
    br_block_t *block = s_add (self, BR_BLOCK_RESULT);
    block->name = s_text (self, node, "name");
    block->id = s_text (self, node, "id");
    if (block->id.size == 0)
        block->id = BR_TEXT_NONE;
    br_block_add (&block->blocks, BR_BLOCK_TEXT, self->call->arena)->text = s_response (
        self, response, block);
    for (const json_node_t *n = json_first (tree, parts); n; n = json_next (tree, n)) {
        const json_node_t *media = gemini_get (tree, n, "inlineData");
        if (!media)
            media = gemini_get (tree, n, "fileData");
        if (media && s_media (self, media, &block->blocks))
            return -1;
    }
    return 0;
}

static int
s_part_hosted (reader_t *self, const json_node_t *part, const json_node_t *node)
{
    (void) node;
    br_block_t *block = s_add (self, BR_BLOCK_HOSTED);
    block->raw = json_raw (self->tree, part);
    block->family = BR_FAMILY_GOOGLE;
    return 0;
}

//  The data of a part; there is one.
static const struct {
    const char *key;
    json_type_t type;
    part_fn *fn;
} s_rows[] = {
    { "text", JSON_STRING, s_part_text },
    { "functionCall", JSON_OBJECT, s_part_call },
    { "functionResponse", JSON_OBJECT, s_part_result },
    { "inlineData", JSON_OBJECT, s_part_media },
    { "fileData", JSON_OBJECT, s_part_media },
    { "executableCode", JSON_OBJECT, s_part_hosted },
    { "codeExecutionResult", JSON_OBJECT, s_part_hosted },
    { "toolCall", JSON_OBJECT, s_part_hosted },
    { "toolResponse", JSON_OBJECT, s_part_hosted },
};

#define ROWS (sizeof s_rows / sizeof s_rows[0])

//  What goes with the data of a part, and is not lost.
static bool
s_is_flag (const reader_t *self, const json_node_t *member)
{
    static const char *const keys[] = { "thought", "thoughtSignature",
                                        "mediaResolution" };
    for (size_t i = 0; i < 3; i++)
        if (gemini_key_is (self->tree, member, keys[i]))
            return true;
    return false;
}

static void
s_note_lost (const reader_t *self, const json_node_t *part, const char *data)
{
    for (const json_node_t *n = json_first (self->tree, part); n;
         n = json_next (self->tree, n))
        if (n->type != JSON_NULL && !s_is_flag (self, n)
            && !gemini_key_is (self->tree, n, data))
            br_call_add_extra (self->call,
                               gemini_path (self->tree, n, self->call->arena));
}

//  A part whose data nobody knows is kept for Google.
static int
s_part (reader_t *self, const json_node_t *part)
{
    if (gemini_want (self->tree, part, JSON_OBJECT, self->reterr)
        || s_want (self, part, "thoughtSignature", JSON_STRING)
        || s_want (self, part, "thought", JSON_BOOL))
        return -1;
    self->path = gemini_path (self->tree, part, self->call->arena);
    for (size_t i = 0; i < ROWS; i++) {
        const json_node_t *node = gemini_get (self->tree, part, s_rows[i].key);
        if (!node)
            continue;
        if (gemini_want (self->tree, node, s_rows[i].type, self->reterr))
            return -1;
        if (s_rows[i].fn != s_part_hosted)
            s_note_lost (self, part, s_rows[i].key);
        return s_rows[i].fn (self, part, node);
    }
    bool known = true;
    for (const json_node_t *n = json_first (self->tree, part); n;
         n = json_next (self->tree, n))
        known = known && (n->type == JSON_NULL || s_is_flag (self, n));
    return known ? s_part_text (self, part, NULL) : s_part_hosted (self, part, NULL);
}

//  ---- contents

static int
s_role (reader_t *self, const json_node_t *content, const json_node_t *parts)
{
    static const struct {
        const char *word;
        br_turn_role_t role;
    } rows[] = { { "user", BR_TURN_USER },           { "model", BR_TURN_ASSISTANT },
                 { "function", BR_TURN_USER },       { "tool", BR_TURN_USER },
                 { "assistant", BR_TURN_ASSISTANT }, { "system", BR_TURN_SYSTEM } };
    char path[256];
    const json_node_t *role = json_given (self->tree, content, "role");
    self->role = BR_TURN_USER;
    for (size_t i = 0; role && i < sizeof rows / sizeof rows[0]; i++)
        if (json_node_is (self->tree, role, rows[i].word)) {
            self->role = rows[i].role;
            return 0;
        }
    if (role && !json_node_is (self->tree, role, "")) {
        json_path (self->tree, role, path, sizeof path);
        return br_error_set (self->reterr, BR_EINVALID, "%s must be user or model", path);
    }
    //  Without a role it is the user's, but only a model calls.
    for (const json_node_t *n = json_first (self->tree, parts); n;
         n = json_next (self->tree, n))
        if (gemini_get (self->tree, n, "functionCall"))
            self->role = BR_TURN_ASSISTANT;
    return 0;
}

static int
s_content (reader_t *self, const json_node_t *content)
{
    const json_node_t *parts = gemini_get (self->tree, content, "parts");
    if (gemini_want (self->tree, content, JSON_OBJECT, self->reterr)
        || gemini_want (self->tree, parts, JSON_ARRAY, self->reterr)
        || s_want (self, content, "role", JSON_STRING) || s_role (self, content, parts))
        return -1;
    self->turn = NULL;
    self->last = NULL;
    self->turn_path = gemini_path (self->tree, content, self->call->arena);
    int rc = 0;
    for (const json_node_t *n = json_first (self->tree, parts); n && rc == 0;
         n = json_next (self->tree, n))
        rc = s_part (self, n);
    return rc;
}

int
gemini_read_contents (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
                      br_error_t *reterr)
{
    reader_t self = { .call = call, .tree = tree, .reterr = reterr };
    int rc = gemini_want (tree, node, JSON_ARRAY, reterr);
    if (rc == 0 && node->count == 0)
        return br_error_set (reterr, BR_EINVALID,
                             "contents is empty; it must hold a content");
    for (const json_node_t *n = json_first (tree, node); n && rc == 0;
         n = json_next (tree, n))
        rc = s_content (&self, n);
    return rc;
}
