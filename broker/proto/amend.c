//  amend: what a provider is told beyond the words of the client.

#include <inttypes.h>
#include <string.h>

#include "broker/core/json_iter.h"
#include "broker/core/json_value.h"
#include "broker/proto/amend.h"

#define THINKING_MIN 1024 //  tokens; src: Anthropic's guide to extended thinking, 2026-08
#define NAMES_MAX 3       //  with the end

//  An object inside of the body.
typedef struct {
    size_t at;   //  of its bracket
    size_t size; //  bytes, with both
} range_t;

typedef struct {
    const uint8_t *body;
    size_t size;
    br_splice_t *splice;
    br_arena_t *arena; //  NULL when all that is put in is constant
    uint64_t max_output;
    range_t root;
    bool lowered; //  a number of the client's was greater
} amend_t;

//  ---- what is there

//  A name may be spelled with escapes.
static bool
s_may_name (const amend_t *self, const char *const *names)
{
    bool may = memmem (self->body, self->size, "\\u", 2) != NULL;
    for (; !may && *names; names++)
        may = memmem (self->body, self->size, *names, strlen (*names)) != NULL;
    return may;
}

static bool
s_is_blank (uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static int
s_find_root (amend_t *self, br_error_t *reterr)
{
    size_t at = 0;
    size_t end = self->size;
    while (at < end && s_is_blank (self->body[at]))
        at++;
    while (end > at && s_is_blank (self->body[end - 1]))
        end--;
    if (end - at < 2 || self->body[at] != '{' || self->body[end - 1] != '}')
        return br_error_set (reterr, BR_EINVALID, "the body is no object");
    self->root = (range_t) { at, end - at };
    return 0;
}

//  The next member of one of these names, with its places in the body.
//  ret:  as json_iter_next
static int
s_next (const amend_t *self, const range_t *object, json_iter_t *iter,
        const char *const *names, json_item_t *ret_item)
{
    const uint8_t *bytes = self->body + object->at;
    int rc = json_iter_next (iter, ret_item, NULL);
    for (; rc == 1; rc = json_iter_next (iter, ret_item, NULL))
        for (const char *const *name = names; *name; name++)
            if (json_string_is (bytes + ret_item->key_offset, ret_item->key_size,
                                *name)) {
                ret_item->offset += object->at;
                return 1;
            }
    return rc;
}

static int
s_begin (const amend_t *self, const range_t *object, json_iter_t *iter)
{
    return json_iter_begin (iter, self->body + object->at, object->size, NULL);
}

//  ---- what is put in

static void
s_replace (amend_t *self, const json_item_t *item, br_text_t json)
{
    br_splice_put (self->splice, item->offset, item->size, json);
}

//  A member at the end of an object.
//  in:   json, with a comma in front, which goes when there are no others
static void
s_insert (amend_t *self, const range_t *object, br_text_t json)
{
    size_t at = object->at + object->size - 1;
    size_t before = at - 1;
    while (s_is_blank (self->body[before]))
        before--;
    //  Where the body has no member, another one may have been put in before.
    bool is_root = object->at == self->root.at;
    if (before == object->at && !(is_root && br_splice_count (self->splice)))
        json = (br_text_t) { json.at + 1, json.size - 1 };
    br_splice_put (self->splice, at, 0, json);
}

static br_text_t
s_member (const amend_t *self, const char *name)
{
    return br_arena_textf (self->arena, ",\"%s\":%" PRIu64, name, self->max_output);
}

static br_text_t
s_number (const amend_t *self, uint64_t number)
{
    return br_arena_textf (self->arena, "%" PRIu64, number);
}

//  ---- usage

static const char *const s_options[] = { "stream_options", NULL };
static const char *const s_include[] = { "include_usage", NULL };

//  ret:  the client has asked
static bool
s_amend_options (amend_t *self, const range_t *options)
{
    json_iter_t iter;
    json_item_t item;
    bool found = false;
    bool asked = false;
    int rc = s_begin (self, options, &iter);
    while (rc == 0 && s_next (self, options, &iter, s_include, &item) == 1) {
        found = true;
        asked = item.type == JSON_BOOL && self->body[item.offset] == 't';
        if (!asked)
            s_replace (self, &item, BR_TEXT ("true"));
    }
    if (!found)
        s_insert (self, options, BR_TEXT (",\"include_usage\":true"));
    return asked;
}

int
br_amend_usage (br_text_t body, br_splice_t *splice, bool *ret_asked, br_error_t *reterr)
{
    amend_t self = { .body = (const uint8_t *) body.at, .size = body.size };
    self.splice = splice;
    if (s_find_root (&self, reterr))
        return -1;
    json_iter_t iter;
    json_item_t item;
    bool found = false;
    bool asked = false;
    int rc = s_may_name (&self, s_options) ? s_begin (&self, &self.root, &iter) : -1;
    while (rc == 0 && s_next (&self, &self.root, &iter, s_options, &item) == 1) {
        found = true;
        if (item.type == JSON_OBJECT)
            asked = s_amend_options (&self, &(range_t) { item.offset, item.size });
        else if (item.type == JSON_NULL)
            s_replace (&self, &item, BR_TEXT ("{\"include_usage\":true}"));
    }
    if (!found)
        s_insert (&self, &self.root,
                  BR_TEXT (",\"stream_options\":{\"include_usage\":true}"));
    *ret_asked = asked;
    return 0;
}

//  ---- the most of output

//  How a protocol calls it: the first name is the one that is put in.
typedef struct {
    const char *holder[NAMES_MAX]; //  the member that it lies in; none = the body itself
    const char *names[NAMES_MAX];
} place_t;

static const place_t s_places[BR_PROTOCOL_COUNT] = {
    [BR_PROTOCOL_CHAT] = { .names = { "max_tokens", "max_completion_tokens" } },
    [BR_PROTOCOL_COMPLETIONS] = { .names = { "max_tokens" } },
    [BR_PROTOCOL_RESPONSES] = { .names = { "max_output_tokens" } },
    [BR_PROTOCOL_MESSAGES] = { .names = { "max_tokens" } },
    [BR_PROTOCOL_GOOGLE] = { .holder = { "generationConfig", "generation_config" },
                             .names = { "maxOutputTokens", "max_output_tokens" } },
};

//  Numbers may come as texts, as in protobuf's JSON. What is none, or under 1, may mean
//  that there is no bound.
static bool
s_is_within (const amend_t *self, const json_item_t *item)
{
    size_t quote = item->type == JSON_STRING ? 1 : 0;
    int64_t number = 0;
    if (item->type != JSON_NUMBER && !quote)
        return false;
    return json_integer (self->body + item->offset + quote, item->size - 2 * quote,
                         &number, NULL)
               == 0
           && number >= 1 && (uint64_t) number <= self->max_output;
}

//  Lowers what is greater, each time that it is said.
static void
s_bound (amend_t *self, const range_t *object, const char *const *names, const char *name)
{
    json_iter_t iter;
    json_item_t item;
    bool found = false;
    int rc = s_may_name (self, names) ? s_begin (self, object, &iter) : -1;
    while (rc == 0 && s_next (self, object, &iter, names, &item) == 1) {
        bool is_null = item.type == JSON_NULL;
        found = true;
        if (s_is_within (self, &item))
            continue;
        s_replace (self, &item, s_number (self, self->max_output));
        self->lowered = self->lowered || !is_null;
    }
    if (!found)
        s_insert (self, object, s_member (self, name));
}

static void
s_bound_in_holder (amend_t *self, const place_t *place)
{
    const range_t *root = &self->root;
    json_iter_t iter;
    json_item_t item;
    bool found = false;
    br_text_t fresh = br_arena_textf (self->arena, ",\"%s\":{\"%s\":%" PRIu64 "}",
                                      place->holder[0], place->names[0],
                                      self->max_output);
    int rc = s_may_name (self, place->holder) ? s_begin (self, root, &iter) : -1;
    while (rc == 0 && s_next (self, root, &iter, place->holder, &item) == 1) {
        found = true;
        if (item.type == JSON_OBJECT)
            s_bound (self, &(range_t) { item.offset, item.size }, place->names,
                     place->names[0]);
        else if (item.type == JSON_NULL)
            s_replace (self, &item,
                       br_arena_textf (self->arena, "{\"%s\":%" PRIu64 "}",
                                       place->names[0], self->max_output));
    }
    if (!found)
        s_insert (self, root, fresh);
}

//  A budget of thinking lies below the most of output, or the call is refused.
static void
s_bound_thinking (amend_t *self)
{
    const range_t *root = &self->root;
    static const char *const names[] = { "thinking", NULL };
    static const char *const budget[] = { "budget_tokens", NULL };
    json_iter_t iter;
    json_item_t item;
    amend_t below = *self;
    below.max_output = self->max_output - 1;
    int rc = s_may_name (self, names) ? s_begin (self, root, &iter) : -1;
    while (rc == 0 && s_next (self, root, &iter, names, &item) == 1) {
        const range_t thinking = { item.offset, item.size };
        json_iter_t inner;
        json_item_t number;
        if (item.type != JSON_OBJECT || s_begin (self, &thinking, &inner)
            || s_next (self, &thinking, &inner, budget, &number) != 1
            || s_is_within (&below, &number))
            continue;
        if (below.max_output >= THINKING_MIN)
            s_replace (self, &number, s_number (self, below.max_output));
        else
            s_replace (self, &item, BR_TEXT ("{\"type\":\"disabled\"}"));
    }
}

int
br_amend_max_output (const br_target_t *target, br_text_t body, uint64_t max_output,
                     br_splice_t *splice, br_arena_t *arena, br_error_t *reterr)
{
    const place_t *place = &s_places[target->protocol];
    amend_t self = { .body = (const uint8_t *) body.at, .size = body.size };
    self.splice = splice;
    self.arena = arena;
    self.max_output = max_output;
    if (s_find_root (&self, reterr))
        return -1;
    bool newer = target->protocol == BR_PROTOCOL_CHAT && target->dialect->max_completion;
    if (place->holder[0])
        s_bound_in_holder (&self, place);
    else
        s_bound (&self, &self.root, place->names, place->names[newer ? 1 : 0]);
    if (target->protocol == BR_PROTOCOL_MESSAGES && self.lowered)
        s_bound_thinking (&self);
    return 0;
}
