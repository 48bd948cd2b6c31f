//  request: the few things of a request that routing needs, wherever its protocol puts them:
//  in a JSON body (Chat Completions, Responses, Messages), in the path (Google), or in a
//  field of a form (uploads of sound and images). The body is walked once, in slices, and
//  neither parsed nor copied; all its JSON is checked on the way.

#ifndef BR_REQUEST_H
#define BR_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"
#include "broker/core/json.h"
#include "broker/proto/form.h"

#define REQUEST_MODEL_MAX 512    //  bytes of a model's name
#define REQUEST_PREVIOUS_MAX 256 //  bytes of the id of an earlier answer
#define REQUEST_ROWS 18
#define REQUEST_FIELDS 2
#define REQUEST_UNBOUNDED UINT64_MAX //  a maximum that may bound nothing
#define REQUEST_CHOICES_MAX 128      //  answers, where nobody can say how many

//  Where the model is named.
typedef enum {
    REQUEST_BODY,   //  a member of a JSON body
    REQUEST_PATH,   //  in the path; the body is JSON all the same
    REQUEST_FORM,   //  a field of a multipart body
    REQUEST_NOWHERE //  no model is named, and the body, if any, is not looked at
} request_place_t;

//  What is known before the body is looked at.
typedef struct _request_known_t {
    request_place_t place;
    const char *model;        //  PATH: without escapes; borrowed until the walk has begun
    const char *content_type; //  FORM: of the body; the same
    bool stream;              //  a stream was asked for, whatever the body says
} request_known_t;

//  The names that a maximum of output has at the top of a body.
typedef enum {
    REQUEST_MAX_TOKENS,
    REQUEST_MAX_COMPLETION_TOKENS,
    REQUEST_MAX_OUTPUT_TOKENS,
    REQUEST_MAXIMA
} request_maximum_t;

//  A value in the body.
typedef struct _request_part_t {
    size_t offset;
    size_t size; //  bytes; of a string with its quotes; 0 when it is absent or null
} request_part_t;

typedef struct _request_t {
    char model[REQUEST_MODEL_MAX + 1]; //  unescaped, without ANSI CSI codes, trimmed
    size_t model_offset; //  of the value in the body, from its quote on: what to splice
    size_t model_size;   //  bytes of the value, with quotes; 0 when it is not in the body
    bool model_bare;     //  the value in the body has no quotes: a form's field
    bool stream;         //  false when absent or null
    char previous[REQUEST_PREVIOUS_MAX + 1]; //  previous_response_id, or ""
    bool has_max_output;                     //  a maximum of output tokens was given
    uint64_t max_output; //  tokens; the greatest, if given under several names
    //  By name: tokens; 0 when it is absent or null, REQUEST_UNBOUNDED when it stands twice or
    //  is no count from 1 on: what a provider makes of that is its own affair.
    uint64_t maxima[REQUEST_MAXIMA];
    uint64_t choices; //  answers that are wanted at once (n, best_of): at least 1, and
                      //  REQUEST_CHOICES_MAX when that stands twice or is no such count
    bool tools;       //  it brings tools, or functions as they were called once
    //  ---- parts of a JSON body that tell one conversation from another
    request_part_t turns;        //  messages, input or contents
    request_part_t cache_key;    //  prompt_cache_key
    request_part_t conversation; //  a string or an object
    request_part_t metadata;     //  an object
    request_part_t generation;   //  generationConfig, as it stands
    bool generation_unclear;     //  it stands twice, or under both of its names
} request_t;

//  A walk under way; must not be moved in memory.
typedef struct _request_scan_t {
    request_place_t place;
    request_t request; //  what is known so far
    json_scan_t scan;
    json_row_t rows[REQUEST_ROWS];
    form_scan_t form;
    form_row_t fields[REQUEST_FIELDS];
    const uint8_t *bytes; //  borrowed
} request_scan_t;

//  Starts a walk; bytes stay borrowed until it ends. There is nothing to release.
//  err:  BR_EINVALID the name in the path, or the type of a form, is none
int request_scan_begin (request_scan_t *self, const request_known_t *known,
                        const void *bytes, size_t size, br_error_t *reterr);

//  Walks about slice bytes on.
//  in:   slice, bytes, mostly JSON_SLICE
//  ret:  1 = there is more to do, 0 = the end, *ret_request is written, -1 = refused
//  err:  BR_EINVALID no JSON, no object, model missing, twice, no string, empty, too long or
//        with control characters; stream twice or no boolean
int request_scan_step (request_scan_t *self, size_t slice, request_t *ret_request,
                       br_error_t *reterr);

//  The whole walk over a JSON body at once; for tests.
int request_scan (const void *bytes, size_t size, request_t *ret_request,
                  br_error_t *reterr);

#endif
