//  json: finds members of a JSON text and their byte ranges, in one walk over one
//  contiguous buffer, without a tree, a copy or an allocation. What it walks it checks:
//  nesting, UTF-8, control characters, numbers, literals, nothing behind the value, no byte
//  order mark. An escape must be well formed; whether surrogates come in pairs is seen when
//  a string is read (json_value.h). Error texts name the byte offset.

#ifndef BR_JSON_H
#define BR_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"

#define JSON_DEPTH_MAX 256   //  arrays and objects inside of each other
#define JSON_NUMBER_MAX 1024 //  bytes of one number
#define JSON_SLICE 65536     //  bytes a step that keeps a loop fluid: under 0.2 ms

typedef enum {
    JSON_NONE, //  absent
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
} json_type_t;

//  "a string", for error texts.
const char *json_type_name (json_type_t type);

//  A member to look for, and what was found.
typedef struct _json_row_t {
    const char *key;  //  in: borrowed while the walk lasts; compared with keys unescaped
    json_type_t type; //  JSON_NONE when absent
    size_t offset;    //  of the value in the buffer; of a string, of its quote
    size_t size;      //  bytes of the value
    size_t count;     //  how often the key stands there; the range is the last one's
} json_row_t;

//  A walk under way. Its members are the walk's own, but the first three results.
typedef struct _json_scan_t {
    json_type_t type;     //  of the whole value, from its first byte on
    size_t offset;        //  of the whole value; valid at the end, as is size
    size_t size;          //  bytes
    const uint8_t *bytes; //  borrowed
    size_t end;           //  bytes in all
    size_t at;            //  next byte
    json_row_t *rows;     //  borrowed
    size_t nrows;
    json_row_t *row;  //  of the top-level member under way, or NULL
    size_t value_at;  //  where the top-level member's value starts
    size_t string_at; //  where the string under way starts
    json_type_t value_type;
    unsigned depth;
    unsigned state;
    bool prefix; //  ends with the value; what follows is not looked at
    uint64_t objects[JSON_DEPTH_MAX / 64]; //  a bit a level: it is an object
} json_scan_t;

//  Starts a walk; bytes and rows stay borrowed until it ends. Rows match members of the
//  topmost value when that is an object; results of rows are reset. There is nothing to
//  release: a walk may be dropped at any time.
void json_scan_begin (json_scan_t *self, const void *bytes, size_t size, json_row_t *rows,
                      size_t nrows);

//  Walks about slice bytes on (a few more, to end a character or a number).
//  ret:  1 = there is more to do, 0 = the whole text is walked and valid, -1 = broken
//  err:  BR_EINVALID
int json_scan_step (json_scan_t *self, size_t slice, br_error_t *reterr);

//  The whole walk at once; the text must be an object. err: BR_EINVALID
int json_members (const void *bytes, size_t size, json_row_t *rows, size_t nrows,
                  br_error_t *reterr);

#endif
