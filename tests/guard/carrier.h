//  carrier: streams of answers and bodies of requests, as the four protocols have them, with
//  a text at a place of ours: what the guard's tests send secrets in. A stream's text comes
//  in as many pieces as are wanted.

#ifndef TEST_CARRIER_H
#define TEST_CARRIER_H

#include "broker/core/buf.h"
#include "broker/core/text.h"
#include "broker/proto/surface.h"

#define CARRIER_MAX (1u << 20) //  bytes of a stream or body
#define CARRIER_KEY "cmd"      //  the member of arguments that holds the text

typedef enum {
    CARRIER_TEXT,   //  the text is words
    CARRIER_STRING, //  the text is JSON, in a string
    CARRIER_VALUE   //  the text is JSON, as it stands
} carrier_form_t;

//  How a character is written in a JSON string.
typedef enum {
    CARRIER_PLAIN, //  what must be escaped is
    CARRIER_UNITS, //  all as \uXXXX
    CARRIER_MIXED, //  every second one
    CARRIER_STYLES
} carrier_style_t;

//  A template: ' stands for ", @ for the text's value, # for the number of the event.
typedef struct _carrier_t {
    const char *name;
    br_surface_t surface;
    carrier_form_t form;
    const char *head;   //  events in front; of a body, all of it
    const char *pieces; //  the event of a piece; NULL: it is a body
    const char *tail;   //  events behind
    const char *path;   //  of a piece in its event, '/' between: members, items by index
    int (*grammar) (const char *sse, size_t size, char *why, size_t room); //  MAY
} carrier_t;

const carrier_t *carrier_streams (size_t *ret_count);
const carrier_t *carrier_bodies (size_t *ret_count);  //  of requests
const carrier_t *carrier_answers (size_t *ret_count); //  in one piece

//  Writes one character (UTF-8) of a text as it stands inside of a JSON string.
//  in:   index, of the character, for CARRIER_MIXED
//  ret:  bytes of the text that it is
size_t carrier_escape (carrier_style_t style, size_t index, const char *text, size_t size,
                       br_buf_t *out);

//  The stream whose text comes in these pieces, or the body whose text is the only one.
//  in:   style, of the strings that carry it; pieces, of one text, each where the one before
//        ends. A character of four bytes may be cut in its middle
void carrier_write (const carrier_t *self, carrier_style_t style, const br_text_t *pieces,
                    size_t count, br_buf_t *out);

//  All that a stream's pieces say, one behind the other; of CARRIER_VALUE, its member
//  CARRIER_KEY. Other events, and one that is cut, count as nothing.
//  ret:  0, or -1 when an event is no JSON
int carrier_read (const carrier_t *self, const void *bytes, size_t size, br_buf_t *out);

//  The text of a JSON string, by a reader that is not ours.
void carrier_undo (br_text_t string, br_buf_t *out);

#endif
