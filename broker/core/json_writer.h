//  json_writer: writes one JSON text into a buffer and sets the commas. It does not check
//  that what is opened is closed; a buffer that is full says so itself.
//
//      json_open (&w, NULL, '{');
//      json_put_string (&w, "model", name);
//      json_open (&w, "messages", '['); ... json_close (&w, ']');
//      json_close (&w, '}');

#ifndef BR_JSON_WRITER_H
#define BR_JSON_WRITER_H

#include "broker/core/buf.h"
#include "broker/core/text.h"

typedef struct _json_writer_t {
    br_buf_t *out; //  borrowed
    bool comma;    //  the next item needs one in front
} json_writer_t;

json_writer_t json_writer (br_buf_t *out);

//  key: of a member, written as it is, so it must need no escape; NULL for an element.
void json_open (json_writer_t *self, const char *key, char bracket);  //  '{' or '['
void json_close (json_writer_t *self, char bracket);                  //  '}' or ']'
void json_put (json_writer_t *self, const char *key, br_text_t text); //  absent: null
void json_put_string (json_writer_t *self, const char *key, const char *string);
void json_put_integer (json_writer_t *self, const char *key, int64_t number);
void json_put_bool (json_writer_t *self, const char *key, bool value);
void json_put_null (json_writer_t *self, const char *key);
void json_put_raw (json_writer_t *self, const char *key, br_text_t json); //  as it stands

//  A member whose key may be anything.
void json_put_key (json_writer_t *self, br_text_t key); //  then an element follows

//  As json_put, only if given and not empty.
void json_put_given (json_writer_t *self, const char *key, br_text_t text);
//  As json_put_raw, only if given.
void json_put_raw_given (json_writer_t *self, const char *key, br_text_t json);

//  A string that is written in pieces: begin, any number of parts, end.
void json_text_begin (json_writer_t *self, const char *key);
void json_text_add (json_writer_t *self, br_text_t part);
void json_text_end (json_writer_t *self);

#endif
