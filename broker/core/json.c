//  json: finds members of a JSON text and their byte ranges, in one walk.
//
//  The walk is a machine of a dozen states, so that it can stop after any slice; a stack of
//  one bit a level tells objects from arrays. Long strings are where the bytes are: they
//  are crossed sixteen bytes at a time.

#include <string.h>

#include "broker/core/json.h"
#include "broker/core/json_lex.h"
#include "broker/core/json_value.h"

typedef enum {
    AT_VALUE,
    AT_FIRST_ITEM, //  behind '[': a value or the end
    AT_FIRST_KEY,  //  behind '{': a key or the end
    AT_KEY,
    AT_COLON,
    AT_NEXT, //  behind an item: a comma or the end
    IN_KEY,
    IN_STRING,
    AT_END, //  behind the whole value
    DONE,
    FAILED
} state_t;

static const char *const s_type_names[] = {
    [JSON_NONE] = "nothing",     [JSON_NULL] = "null",       [JSON_BOOL] = "a boolean",
    [JSON_NUMBER] = "a number",  [JSON_STRING] = "a string", [JSON_ARRAY] = "an array",
    [JSON_OBJECT] = "an object",
};

const char *
json_type_name (json_type_t type)
{
    return s_type_names[type];
}

static int
s_broken (size_t at, const char *what, br_error_t *reterr)
{
    return br_error_set (reterr, BR_EINVALID, "no valid JSON at byte %zu: %s", at, what);
}

static int
s_fail (json_scan_t *self, const char *what, br_error_t *reterr)
{
    self->state = FAILED;
    return s_broken (self->at, what, reterr);
}

//  ---- strings

//  Walks on inside a string: 1 = closed, 0 = stopped short, -1 = broken.
static int
s_string (json_scan_t *self, size_t stop)
{
    const uint8_t *at = self->bytes + self->at;
    const uint8_t *end = self->bytes + self->end;
    const uint8_t *edge = self->bytes + stop;
    int rc = 0;
    while (at < edge) {
        at = json_lex_plain (at, edge);
        if (at == edge)
            break;
        if (*at == '"') {
            at++;
            rc = 1;
            break;
        }
        size_t size = 0;
        do {
            size = json_lex_special (at, end);
            at += size;
        } while (size && at < edge && *at >= 0x80);
        if (size == 0) {
            rc = -1;
            break;
        }
    }
    self->at = (size_t) (at - self->bytes);
    return rc;
}

//  ---- values

static int
s_value_done (json_scan_t *self)
{
    if (self->depth == 1 && self->row) {
        self->row->type = self->value_type;
        self->row->offset = self->value_at;
        self->row->size = self->at - self->value_at;
        self->row->count++;
        self->row = NULL;
    }
    self->state = AT_NEXT;
    if (self->depth == 0) {
        self->size = self->at - self->offset;
        self->state = self->prefix ? DONE : AT_END;
    }
    return 0;
}

static void
s_key_done (json_scan_t *self)
{
    self->state = AT_COLON;
    if (self->depth != 1)
        return;
    const uint8_t *key = self->bytes + self->string_at;
    for (size_t i = 0; i < self->nrows; i++) {
        json_row_t *row = &self->rows[i];
        if (key[1] != (uint8_t) row->key[0] && key[1] != '\\' && key[1] != '"')
            continue;
        if (json_string_is (key, self->at - self->string_at, row->key))
            self->row = row;
    }
}

static int
s_in_string (json_scan_t *self, size_t stop, br_error_t *reterr)
{
    int rc = s_string (self, stop);
    if (rc < 0)
        return s_fail (self, json_lex_fault (self->bytes[self->at]), reterr);
    if (rc == 0)
        return 0;
    if (self->state == IN_STRING)
        return s_value_done (self);
    s_key_done (self);
    //  Mostly the colon stands right behind.
    if (self->at < stop && self->bytes[self->at] == ':') {
        self->at++;
        self->state = AT_VALUE;
    }
    return 0;
}

static int
s_open (json_scan_t *self, bool is_object, br_error_t *reterr)
{
    if (self->depth == JSON_DEPTH_MAX)
        return s_fail (self, "it is nested too deep", reterr);
    uint64_t bit = (uint64_t) 1 << (self->depth % 64);
    uint64_t *word = &self->objects[self->depth / 64];
    *word = is_object ? *word | bit : *word & ~bit;
    self->depth++;
    self->at++;
    self->state = is_object ? AT_FIRST_KEY : AT_FIRST_ITEM;
    return 0;
}

static bool
s_in_object (const json_scan_t *self)
{
    unsigned level = self->depth - 1;
    return self->objects[level / 64] >> (level % 64) & 1;
}

static int
s_close (json_scan_t *self)
{
    self->depth--;
    self->at++;
    return s_value_done (self);
}

static int
s_value (json_scan_t *self, size_t stop, br_error_t *reterr)
{
    const uint8_t *at = self->bytes + self->at;
    const uint8_t *end = self->bytes + self->end;
    json_type_t type = json_lex_type (*at);
    if (self->depth == 0) {
        self->type = type;
        self->offset = self->at;
    } else if (self->depth == 1) {
        self->value_type = type;
        self->value_at = self->at;
    }
    if (type == JSON_STRING) {
        self->state = IN_STRING;
        self->at++;
        return s_in_string (self, stop, reterr);
    }
    if (type == JSON_OBJECT || type == JSON_ARRAY)
        return s_open (self, type == JSON_OBJECT, reterr);
    if (type == JSON_NONE)
        return s_fail (self,
                       *at == 0xef && self->at == 0 ? "a byte order mark is not allowed"
                                                    : "a value is expected",
                       reterr);
    size_t size = type == JSON_NUMBER ? json_lex_number (at, end)
                                      : json_lex_literal (at, end);
    if (size == 0)
        return s_fail (self, "the number or literal is not a known one", reterr);
    if (size == JSON_NUMBER_MAX)
        return s_fail (self, "the number is too long", reterr);
    self->at += size;
    return s_value_done (self);
}

static int
s_key (json_scan_t *self, size_t stop, br_error_t *reterr)
{
    if (self->bytes[self->at] != '"')
        return s_fail (self, "a member's name in quotes is expected", reterr);
    self->string_at = self->at++;
    self->state = IN_KEY;
    return s_in_string (self, stop, reterr);
}

static int
s_next (json_scan_t *self, br_error_t *reterr)
{
    bool in_object = s_in_object (self);
    uint8_t byte = self->bytes[self->at];
    if (byte == (in_object ? '}' : ']'))
        return s_close (self);
    if (byte != ',')
        return s_fail (self, "a comma or a closing bracket is expected", reterr);
    self->at++;
    self->state = in_object ? AT_KEY : AT_VALUE;
    return 0;
}

//  ---- the walk

//  One token, or a part of a string.
static int
s_token (json_scan_t *self, size_t stop, br_error_t *reterr)
{
    if (self->state == IN_STRING || self->state == IN_KEY)
        return s_in_string (self, stop, reterr);
    while (self->at < stop && json_lex_is_blank (self->bytes[self->at]))
        self->at++;
    if (self->at == stop)
        return 0;
    uint8_t byte = self->bytes[self->at];
    switch ((state_t) self->state) {
    case AT_VALUE: return s_value (self, stop, reterr);
    case AT_FIRST_ITEM:
        return byte == ']' ? s_close (self) : s_value (self, stop, reterr);
    case AT_FIRST_KEY: return byte == '}' ? s_close (self) : s_key (self, stop, reterr);
    case AT_KEY: return s_key (self, stop, reterr);
    case AT_COLON:
        if (byte != ':')
            return s_fail (self, "a colon is expected", reterr);
        self->at++;
        self->state = AT_VALUE;
        return 0;
    case AT_NEXT: return s_next (self, reterr);
    case AT_END: return s_fail (self, "something follows the value", reterr);
    default: return s_fail (self, "the walk has failed before", reterr);
    }
}

void
json_scan_begin (json_scan_t *self, const void *bytes, size_t size, json_row_t *rows,
                 size_t nrows)
{
    *self = (json_scan_t) {
        .bytes = bytes,
        .end = size,
        .rows = rows,
        .nrows = nrows,
        .state = AT_VALUE,
    };
    for (size_t i = 0; i < nrows; i++)
        rows[i] = (json_row_t) { .key = rows[i].key };
}

int
json_scan_step (json_scan_t *self, size_t slice, br_error_t *reterr)
{
    size_t left = self->end - self->at;
    size_t stop = slice < left ? self->at + slice : self->end;
    while (self->at < stop && self->state != DONE) {
        int rc = s_token (self, stop, reterr);
        if (rc)
            return -1;
    }
    if (self->state == DONE)
        return 0;
    if (self->at < self->end)
        return 1;
    if (self->state != AT_END)
        return s_fail (self, "the text ends too early", reterr);
    self->state = DONE;
    return 0;
}

int
json_members (const void *bytes, size_t size, json_row_t *rows, size_t nrows,
              br_error_t *reterr)
{
    json_scan_t scan;
    json_scan_begin (&scan, bytes, size, rows, nrows);
    int rc = json_scan_step (&scan, SIZE_MAX, reterr);
    if (rc)
        return -1;
    if (scan.type != JSON_OBJECT)
        return br_error_set (reterr, BR_EINVALID, "a JSON object is expected, not %s",
                             json_type_name (scan.type));
    return 0;
}
