//  conversation: ids first, else the first turn of the user.
//
//  The turns may be long, and this runs between two reads of a socket: what lies behind
//  BR_CONVERSATION_LOOK is not seen, and a turn that is cut there is taken as it stands.

#include <sodium/crypto_shorthash.h>
#include <string.h>

#include "broker/core/json_iter.h"
#include "broker/core/json_value.h"
#include "broker/proto/conversation.h"

//  A hash that goes on: each piece is hashed with what came before as the key.
typedef struct _sum_t {
    uint64_t hash;
    uint64_t kind; //  so that an id never equals a turn of the same bytes
    size_t left;   //  bytes that may still count
} sum_t;

typedef struct _span_t {
    const uint8_t *bytes;
    size_t size;
} span_t;

enum {
    KIND_CALLER = 1,
    KIND_SESSION,
    KIND_CACHE_KEY,
    KIND_CONVERSATION,
    KIND_PREVIOUS,
    KIND_USER,
    KIND_TURN
};

static void
s_add (sum_t *sum, const void *bytes, size_t size)
{
    uint8_t key[crypto_shorthash_KEYBYTES];
    uint8_t out[crypto_shorthash_BYTES];
    if (size > sum->left)
        size = sum->left;
    sum->left -= size;
    memcpy (key, &sum->hash, sizeof sum->hash);
    memcpy (key + sizeof sum->hash, &sum->kind, sizeof sum->kind);
    crypto_shorthash (out, bytes, size, key);
    memcpy (&sum->hash, out, sizeof sum->hash);
}

static span_t
s_span (const span_t *whole, const json_item_t *item)
{
    return (span_t) { whole->bytes + item->offset, item->size };
}

static bool
s_key_is (const span_t *whole, const json_item_t *item, const char *key)
{
    return json_string_is (whole->bytes + item->key_offset, item->key_size, key);
}

//  A member of an object that is a string with something in it, as it stands.
static bool
s_text_member (span_t object, const char *key, span_t *ret_value)
{
    json_iter_t iter;
    json_item_t item;
    if (json_iter_begin (&iter, object.bytes, object.size, NULL))
        return false;
    while (json_iter_next (&iter, &item, NULL) == 1)
        if (item.type == JSON_STRING && item.size > 2 && s_key_is (&object, &item, key)) {
            *ret_value = s_span (&object, &item);
            return true;
        }
    return false;
}

//  ---- turns

//  What a part of a turn says.
static void
s_add_part (sum_t *sum, span_t part)
{
    json_iter_t iter;
    json_item_t item;
    if (json_iter_begin (&iter, part.bytes, part.size, NULL)) {
        s_add (sum, part.bytes, part.size);
        return;
    }
    while (sum->left && json_iter_next (&iter, &item, NULL) == 1) {
        if (item.key_size
            && (s_key_is (&part, &item, "type")
                || s_key_is (&part, &item, "cache_control")))
            continue;
        s_add (sum, part.bytes + item.offset, item.size);
    }
}

static void
s_add_contents (sum_t *sum, span_t contents)
{
    json_iter_t iter;
    json_item_t item;
    bool is_list = contents.size && contents.bytes[0] == '[';
    if (!is_list || json_iter_begin (&iter, contents.bytes, contents.size, NULL)) {
        s_add_part (sum, contents);
        return;
    }
    while (sum->left && json_iter_next (&iter, &item, NULL) == 1)
        s_add_part (sum, s_span (&contents, &item));
}

//  A turn, as far as it is there.
typedef struct _turn_t {
    bool is_other; //  of somebody who is not the user
    bool is_user;
    span_t contents; //  size 0: not found
} turn_t;

static turn_t
s_read_turn (span_t object)
{
    turn_t turn = { .is_other = false };
    json_iter_t iter;
    json_item_t item;
    if (json_iter_begin (&iter, object.bytes, object.size, NULL))
        return turn;
    bool is_parts = false;
    while (json_iter_next (&iter, &item, NULL) == 1) {
        span_t value = s_span (&object, &item);
        if (s_key_is (&object, &item, "role")) {
            turn.is_user = json_string_is (value.bytes, value.size, "user");
            turn.is_other = !turn.is_user;
        } else if (s_key_is (&object, &item, "content"))
            turn.contents = value;
        else if (s_key_is (&object, &item, "parts")) {
            turn.contents = value;
            is_parts = true;
        }
    }
    //  Google lets the role of a lone turn out.
    turn.is_user = turn.is_user || (is_parts && !turn.is_other);
    return turn;
}

//  True when this turn was the user's.
static bool
s_add_turn (sum_t *sum, span_t object)
{
    turn_t turn = s_read_turn (object);
    if (!turn.is_user || !turn.contents.size)
        return false;
    s_add_contents (sum, turn.contents);
    return true;
}

//  A turn that goes on behind what is looked at.
static bool
s_add_cut (sum_t *sum, span_t rest)
{
    while (rest.size && *rest.bytes != '{') {
        rest.bytes++;
        rest.size--;
    }
    if (!s_read_turn (rest).is_user)
        return false;
    s_add (sum, rest.bytes, rest.size);
    return true;
}

//  The first turn of the user.
static bool
s_add_first (sum_t *sum, span_t turns)
{
    if (turns.size && turns.bytes[0] == '"') {
        s_add (sum, turns.bytes, turns.size);
        return true;
    }
    if (turns.size > BR_CONVERSATION_LOOK)
        turns.size = BR_CONVERSATION_LOOK;
    json_iter_t iter;
    json_item_t item;
    if (json_iter_begin (&iter, turns.bytes, turns.size, NULL))
        return false;
    for (;;) {
        size_t at = iter.at;
        int rc = json_iter_next (&iter, &item, NULL);
        if (rc == 0)
            return false;
        if (rc < 0)
            return s_add_cut (sum, (span_t) { turns.bytes + at, turns.size - at });
        span_t turn = s_span (&turns, &item);
        if (item.type == JSON_STRING)
            s_add (sum, turn.bytes, turn.size);
        if (item.type == JSON_STRING || s_add_turn (sum, turn))
            return true;
    }
}

//  ---- ids

//  A member of the body; size 0 when it is absent, or would not lie in the body.
static span_t
s_part (span_t body, request_part_t part)
{
    if (!body.size || part.offset > body.size || part.size > body.size - part.offset)
        return (span_t) { body.bytes, 0 };
    return (span_t) { body.bytes + part.offset, part.size };
}

static bool
s_is_text (span_t value)
{
    return value.size > 2 && value.bytes[0] == '"';
}

//  Which of the ids tells the conversation; its kind, or 0.
static uint64_t
s_find_id (const request_t *request, span_t body, span_t *ret_id)
{
    *ret_id = s_part (body, request->cache_key);
    if (s_is_text (*ret_id))
        return KIND_CACHE_KEY;
    span_t conversation = s_part (body, request->conversation);
    *ret_id = conversation;
    if (s_is_text (conversation) || s_text_member (conversation, "id", ret_id))
        return KIND_CONVERSATION;
    *ret_id = (span_t) { (const uint8_t *) request->previous,
                         strlen (request->previous) };
    if (ret_id->size)
        return KIND_PREVIOUS;
    if (s_text_member (s_part (body, request->metadata), "user_id", ret_id))
        return KIND_USER;
    return 0;
}

uint64_t
br_conversation_hash (const char *caller, const char *session, const request_t *request,
                      const void *bytes, size_t size)
{
    sum_t sum = { .kind = KIND_CALLER, .left = SIZE_MAX };
    s_add (&sum, caller, strlen (caller));
    span_t body = { bytes, size };
    span_t id = { NULL, 0 };
    sum.left = BR_CONVERSATION_MAX;
    sum.kind = KIND_SESSION;
    if (session && *session)
        id = (span_t) { (const uint8_t *) session, strlen (session) };
    else
        sum.kind = s_find_id (request, body, &id);
    if (sum.kind)
        s_add (&sum, id.bytes, id.size);
    else {
        sum.kind = KIND_TURN;
        if (!s_add_first (&sum, s_part (body, request->turns)))
            return 0;
    }
    return sum.hash ? sum.hash : 1;
}
