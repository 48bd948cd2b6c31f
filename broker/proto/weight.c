//  weight: a walk over quotes and brackets that knows by which keys it came to a text.
//  Only a text at a path of the table is media; one that looks like base64 is not enough,
//  since a text that counts less than it is would be a way around a budget.

#include <string.h>

#include "broker/proto/weight.h"

#define CHAT (1u << BR_PROTOCOL_CHAT)
#define RESPONSES (1u << BR_PROTOCOL_RESPONSES)
#define MESSAGES (1u << BR_PROTOCOL_MESSAGES)
#define GOOGLE (1u << BR_PROTOCOL_GOOGLE)

//  What a text at a path is.
typedef enum {
    WEIGHT_DATA,   //  of media that another member names
    WEIGHT_IMAGE,  //  one that is counted; not data
    WEIGHT_PIXELS, //  an image and its data
    WEIGHT_SOUND,
    WEIGHT_FILE,   //  the data of one
    WEIGHT_ENDLESS //  a name of what is not here
} kind_t;

//  The keys on the way to a text, arrays left out; and how it must begin, NULL for
//  anyhow.
typedef struct {
    unsigned wires; //  bits
    const char *path;
    size_t size; //  bytes of it
    const char *begins;
    kind_t kind;
} rule_t;

#define RULE(wire, text, with, what)                                                     \
    {                                                                                    \
        wire, text, sizeof (text) - 1, with, what                                        \
    }

static const rule_t s_rules[] = {
    RULE (CHAT, "messages/content/image_url/url", NULL, WEIGHT_PIXELS),
    RULE (CHAT, "messages/content/image_url", NULL, WEIGHT_PIXELS),
    RULE (CHAT, "messages/content/input_audio/data", NULL, WEIGHT_SOUND),
    RULE (CHAT, "messages/content/file/file_data", NULL, WEIGHT_FILE),
    RULE (CHAT, "messages/content/file/file_id", NULL, WEIGHT_ENDLESS),
    RULE (CHAT, "messages/content/video_url/url", NULL, WEIGHT_ENDLESS),
    RULE (CHAT, "messages/audio/id", NULL, WEIGHT_ENDLESS),

    RULE (RESPONSES, "input/content/image_url", NULL, WEIGHT_PIXELS),
    RULE (RESPONSES, "input/output/image_url", NULL, WEIGHT_PIXELS),
    RULE (RESPONSES, "input/result", NULL, WEIGHT_PIXELS),
    RULE (RESPONSES, "input/content/input_audio/data", NULL, WEIGHT_SOUND),
    RULE (RESPONSES, "input/content/file_data", NULL, WEIGHT_FILE),
    RULE (RESPONSES, "input/content/file_id", NULL, WEIGHT_ENDLESS),
    RULE (RESPONSES, "input/content/file_url", NULL, WEIGHT_ENDLESS),
    RULE (RESPONSES, "input/output/file_data", NULL, WEIGHT_FILE),
    RULE (RESPONSES, "input/output/file_id", NULL, WEIGHT_ENDLESS),
    RULE (RESPONSES, "input/output/file_url", NULL, WEIGHT_ENDLESS),
    RULE (RESPONSES, "input/type", "item_reference", WEIGHT_ENDLESS),
    RULE (RESPONSES, "prompt/id", NULL, WEIGHT_ENDLESS),
    RULE (RESPONSES, "conversation", NULL, WEIGHT_ENDLESS),
    RULE (RESPONSES, "conversation/id", NULL, WEIGHT_ENDLESS),
    RULE (RESPONSES, "previous_response_id", NULL, WEIGHT_ENDLESS),
    RULE (RESPONSES, "tools/type", "web_search", WEIGHT_ENDLESS),
    RULE (RESPONSES, "tools/type", "file_search", WEIGHT_ENDLESS),
    RULE (RESPONSES, "tools/type", "code_interpreter", WEIGHT_ENDLESS),
    RULE (RESPONSES, "tools/type", "mcp", WEIGHT_ENDLESS),

    RULE (MESSAGES, "messages/content/source/data", NULL, WEIGHT_DATA),
    RULE (MESSAGES, "messages/content/content/source/data", NULL, WEIGHT_DATA),
    RULE (MESSAGES, "messages/content/type", "image", WEIGHT_IMAGE),
    RULE (MESSAGES, "messages/content/type", "document", WEIGHT_ENDLESS),
    RULE (MESSAGES, "messages/content/type", "container_upload", WEIGHT_ENDLESS),
    RULE (MESSAGES, "messages/content/content/type", "image", WEIGHT_IMAGE),
    RULE (MESSAGES, "messages/content/content/type", "document", WEIGHT_ENDLESS),
    RULE (MESSAGES, "tools/type", "web_search", WEIGHT_ENDLESS),
    RULE (MESSAGES, "tools/type", "web_fetch", WEIGHT_ENDLESS),
    RULE (MESSAGES, "tools/type", "code_execution", WEIGHT_ENDLESS),
    RULE (MESSAGES, "mcp_servers/url", NULL, WEIGHT_ENDLESS),

    RULE (GOOGLE, "contents/parts/inlineData/data", NULL, WEIGHT_DATA),
    RULE (GOOGLE, "contents/parts/inline_data/data", NULL, WEIGHT_DATA),
    RULE (GOOGLE, "contents/parts/inlineData/mimeType", NULL, WEIGHT_IMAGE),
    RULE (GOOGLE, "contents/parts/inlineData/mime_type", NULL, WEIGHT_IMAGE),
    RULE (GOOGLE, "contents/parts/inline_data/mimeType", NULL, WEIGHT_IMAGE),
    RULE (GOOGLE, "contents/parts/inline_data/mime_type", NULL, WEIGHT_IMAGE),
    RULE (GOOGLE, "contents/parts/fileData/fileUri", NULL, WEIGHT_ENDLESS),
    RULE (GOOGLE, "contents/parts/fileData/file_uri", NULL, WEIGHT_ENDLESS),
    RULE (GOOGLE, "contents/parts/file_data/fileUri", NULL, WEIGHT_ENDLESS),
    RULE (GOOGLE, "contents/parts/file_data/file_uri", NULL, WEIGHT_ENDLESS),
    RULE (GOOGLE, "cachedContent", NULL, WEIGHT_ENDLESS),
    RULE (GOOGLE, "cached_content", NULL, WEIGHT_ENDLESS),
};

#define RULES (sizeof s_rules / sizeof *s_rules)

//  A text of the body without its quotes.
typedef struct {
    const uint8_t *at;
    size_t size; //  bytes
} run_t;

//  An object or array that is open.
typedef struct {
    bool is_object;
    bool has_value; //  a colon has come: what follows is a value
    run_t key;      //  of the member that is read
    bool is_plain;  //  no rule leads here: its texts are nothing but text
} level_t;

typedef struct {
    br_weight_t weight;
    unsigned wire; //  bit
    const uint8_t *at;
    const uint8_t *end;
    level_t levels[BR_WEIGHT_DEPTH];
    size_t depth; //  of the body; more than BR_WEIGHT_DEPTH levels are not kept
} walk_t;

//  ---- paths

//  Whether a rule is about where the walk is: its path is compared key by key from its end.
static bool
s_leads (const walk_t *self, const rule_t *rule)
{
    size_t left = rule->size;
    bool whole = false; //  all of the path was met
    for (size_t i = self->depth; i-- > 0;) {
        run_t key = self->levels[i].key;
        if (!self->levels[i].is_object)
            continue;
        if (whole || key.size == 0 || left < key.size
            || memcmp (rule->path + left - key.size, key.at, key.size) != 0)
            return false;
        left -= key.size;
        whole = left == 0;
        if (!whole && rule->path[--left] != '/')
            return false;
    }
    return whole;
}

static bool
s_begins (run_t text, const char *with)
{
    size_t size = with ? strlen (with) : 0;
    return text.size >= size && memcmp (text.at, with ? with : "", size) == 0;
}

//  The rule for a text; in most places there is none for any. A word that is written with
//  escapes may be the one that a rule is about.
static const rule_t *
s_rule (walk_t *self, run_t text)
{
    level_t *level = &self->levels[self->depth - 1];
    bool is_plain = true;
    for (size_t i = 0; i < RULES && !level->is_plain; i++) {
        if (!(s_rules[i].wires & self->wire) || !s_leads (self, &s_rules[i]))
            continue;
        is_plain = false;
        if (s_rules[i].begins && memchr (text.at, '\\', text.size))
            self->weight.endless = true;
        if (s_begins (text, s_rules[i].begins))
            return &s_rules[i];
    }
    level->is_plain = is_plain;
    return NULL;
}

//  ---- texts

//  Google names the type of media by the side of their data.
static kind_t
s_kind (const walk_t *self, const rule_t *rule, run_t text)
{
    bool is_typed = self->wire == GOOGLE && rule->kind == WEIGHT_IMAGE;
    return is_typed && !s_begins (text, "image/") ? WEIGHT_ENDLESS : rule->kind;
}

static void
s_weigh (walk_t *self, run_t text)
{
    const rule_t *rule = s_rule (self, text);
    if (!rule)
        return;
    br_weight_t *weight = &self->weight;
    kind_t kind = s_kind (self, rule, text);
    weight->images += kind == WEIGHT_IMAGE || kind == WEIGHT_PIXELS;
    weight->sound += kind == WEIGHT_SOUND ? text.size : 0;
    weight->endless |= kind == WEIGHT_FILE || kind == WEIGHT_ENDLESS;
    if (kind != WEIGHT_IMAGE && kind != WEIGHT_ENDLESS)
        weight->text -= text.size;
}

//  Where a text ends that begins here: at its quote, or at the end of all.
static const uint8_t *
s_text_end (const uint8_t *at, const uint8_t *end)
{
    const uint8_t *from = at;
    while (at < end) {
        const uint8_t *quote = memchr (at, '"', (size_t) (end - at));
        if (!quote)
            return end;
        size_t slashes = 0;
        while (quote - slashes > from && quote[-1 - (ptrdiff_t) slashes] == '\\')
            slashes++;
        if (slashes % 2 == 0)
            return quote;
        at = quote + 1;
    }
    return end;
}

//  A key that is written with escapes may be any: nothing can be said of what it names.
static void
s_take_key (walk_t *self, level_t *level, run_t text)
{
    level->key = text;
    level->is_plain = false;
    if (text.size && memchr (text.at, '\\', text.size))
        self->weight.endless = true;
}

static void
s_take_text (walk_t *self)
{
    run_t text = { self->at + 1, 0 };
    const uint8_t *end = s_text_end (text.at, self->end);
    text.size = (size_t) (end - text.at);
    self->at = end < self->end ? end + 1 : end;
    if (self->depth == 0 || self->depth > BR_WEIGHT_DEPTH)
        return;
    level_t *level = &self->levels[self->depth - 1];
    if (level->is_object && !level->has_value)
        s_take_key (self, level, text);
    else
        s_weigh (self, text);
}

//  ---- the walk

static void
s_open (walk_t *self, bool is_object)
{
    if (self->depth < BR_WEIGHT_DEPTH)
        self->levels[self->depth] = (level_t) { .is_object = is_object };
    self->depth++;
}

static void
s_mark (walk_t *self, bool has_value)
{
    if (self->depth && self->depth <= BR_WEIGHT_DEPTH)
        self->levels[self->depth - 1].has_value = has_value;
}

static void
s_step (walk_t *self)
{
    uint8_t c = *self->at;
    if (c == '"') {
        s_take_text (self);
        return;
    }
    if (c == '{' || c == '[')
        s_open (self, c == '{');
    else if ((c == '}' || c == ']') && self->depth)
        self->depth--;
    else if (c == ':' || c == ',')
        s_mark (self, c == ':');
    self->at++;
}

br_weight_t
br_weight_of (br_protocol_t wire, const void *body, size_t size)
{
    walk_t walk = { .wire = 1u << wire, .at = body, .weight = { .text = size } };
    if (size == 0)
        return walk.weight;
    walk.end = walk.at + size;
    while (walk.at < walk.end)
        s_step (&walk);
    return walk.weight;
}
