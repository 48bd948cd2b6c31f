//  tap_frame: what the tap readers of all protocols do with one JSON object: find members,
//  members of members, and copy short texts out of them. Nothing is allocated.

#ifndef BR_TAP_FRAME_H
#define BR_TAP_FRAME_H

#include "broker/core/json.h"
#include "broker/proto/tap.h"

//  An object of size bytes as a row, to look into with tap_members.
json_row_t tap_object (size_t size);

//  Finds members of an object that lies in bytes; all are absent when it is none.
//  in:   rows, with their keys
//  out:  rows, with offsets from bytes
//  ret:  0, or -1 when it is no valid object
int tap_members (const uint8_t *bytes, const json_row_t *object, json_row_t *rows,
                 size_t nrows);

//  One member of an object. ret: its type, JSON_NONE when absent or no valid object
json_type_t tap_member (const uint8_t *bytes, const json_row_t *object, const char *key,
                        json_row_t *ret_row);

//  Copies a text, or a number as its digits; what does not fit or is neither stays out: ""
//  for a text, what was there for all else.
void tap_text (const uint8_t *bytes, const json_row_t *row, char *out, size_t room);

//  The same, unless something is there already: the first one given holds.
void tap_first_text (const uint8_t *bytes, const json_row_t *row, char *out, size_t room);

//  tap_first_text of a member of an object.
void tap_first_member (const uint8_t *bytes, const json_row_t *object, const char *key,
                       char *out, size_t room);

//  It tells of an error: an object or a text that is not empty.
bool tap_is_error (const json_row_t *row);

//  An event's data is the mark that ends streams of OpenAI's kind.
bool tap_is_done_mark (const uint8_t *data, size_t size);

//  A kind of event, by its name or its member "type".
typedef struct _tap_kind_t {
    const char *name;  //  NULL: all others, the last row
    tap_first_t first; //  what it is, unless there is a reader
    //  MAY. Looks into it. ret: as the event of tap_reader_t
    tap_first_t (*read) (tap_result_t *result, const uint8_t *data, size_t size);
} tap_kind_t;

//  One event of a protocol whose events have types, as the event of tap_reader_t. OpenAI's
//  mark, which gateways add, is nothing.
tap_first_t tap_read_event (const tap_kind_t *kinds, tap_result_t *result,
                            const char *name, const uint8_t *data, size_t size);

#endif
