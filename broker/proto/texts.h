//  texts: where in a body or an event of a client's protocol the texts stand that a model or
//  an agent could act on, as byte ranges: no guard reads a wire format. Texts in members that
//  nobody knows count too, and in objects whose shape is the user's all strings and keys; in
//  requests such objects and lists are one text, as long as they hold nothing special. Ids,
//  names of models and tools, signatures, sealed blobs, images, sound and PDF do not, nor what
//  does not reach a model: metadata, labels, user, safety_identifier, prompt_cache_key.

#ifndef BR_TEXTS_H
#define BR_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"
#include "broker/proto/surface.h"

typedef enum {
    BR_TEXT_SYSTEM,    //  also developer messages and instructions
    BR_TEXT_USER,      //  also the input of embeddings, prompts of completions and images
    BR_TEXT_ASSISTANT, //  in a history: its words
    BR_TEXT_REASONING,
    BR_TEXT_TOOL_CALL, //  its arguments
    BR_TEXT_TOOL_RESULT,
    BR_TEXT_TOOL_ERROR, //  a result that says that it is one
    BR_TEXT_TOOL_OFFER, //  descriptions and schemas of tools
    BR_TEXT_ANSWER,     //  words of an answer
    BR_TEXT_PLACES
} br_text_place_t;

typedef enum {
    BR_TEXT_STRING,      //  a JSON string, with its quotes
    BR_TEXT_JSON_STRING, //  the same; its text is JSON, as arguments of a function are
    BR_TEXT_JSON_VALUE, //  a JSON object or array as it stands, as `input` of a tool_use is
    BR_TEXT_REPEATED, //  an object or array that says words of the answer once more, token
                      //  by token (logprobs): no match is found in there. Whoever changes
                      //  or holds back any of those words puts null in its place ([] for
                      //  an array)
    //  base64, of either alphabet, that says a text in UTF-8; inside of a JSON string: no
    //  quotes, no "data:...;base64,"; escapes as in any string. It need not be good base64
    BR_TEXT_BASE64,
    BR_TEXT_RAW //  the text as it stands: a field of a multipart form, plain text
} br_text_form_t;

typedef struct _br_text_span_t {
    br_text_place_t place;
    br_text_form_t form;
    size_t at;   //  bytes
    size_t size; //  bytes
    //  ---- in events, and in whole answers of Google's, whose texts have several parts
    uint64_t
        channel; //  texts with the same number are pieces of one; 0 = this one is whole
} br_text_span_t;

//  ret: 0, or anything else to end the walk, which returns it.
typedef int (br_text_fn) (void *arg, const br_text_span_t *span);

//  ---- whole bodies, in slices

typedef struct _br_texts_t br_texts_t;

//  The texts of a request's body, in their order. A surface without a body has none; those of
//  a multipart form are RAW. All JSON is checked before the first span is told.
//  in:   bytes, borrowed until it is destroyed, and stay where they are
//  ret:  fresh, caller destroys
br_texts_t *br_texts_new_request (br_surface_t surface, const void *bytes, size_t size);

//  ... of a single answer's; errors of a provider count as words of the answer. Where an answer
//  need not be JSON, one that is plain text (texts_plain.h) is one text, RAW; sound has none.
br_texts_t *br_texts_new_answer (br_surface_t surface, const void *bytes, size_t size);
void br_texts_destroy (br_texts_t **self_p);

//  Walks about slice bytes on. What is crossed counts: the check crosses all bytes once, the
//  walk once more, and each object whose members tell what it is, or that may be one text,
//  once before, at most 12 of them inside of each other. A form goes at once.
//  ret:  1 = there is more, 0 = all of it was told, -1 = an error, or fn has ended it, which
//        is no error; it is over
//  err:  BR_EINVALID it is no JSON, or has more depth than is allowed
int br_texts_step (br_texts_t *self, size_t slice_bytes, br_text_fn *fn, void *arg,
                   br_error_t *reterr);

//  All of it at once. ret: 0, -1 or what fn returned
int br_texts_of_request (br_surface_t surface, const void *bytes, size_t size,
                         br_text_fn *fn, void *arg, br_error_t *reterr);
int br_texts_of_answer (br_surface_t surface, const void *bytes, size_t size,
                        br_text_fn *fn, void *arg, br_error_t *reterr);

//  ---- events

#define BR_TEXT_ENDS_MAX 16 //  ends of one event; more are told as the end of all

//  Channels that an event ends; a number that comes again is another text. What is held of them goes out
//      in front of the event, or
//      behind: behind the event's own pieces of them. Of a channel that has a piece in here,
//              it is put behind the last one; of any other, in front of the event.
typedef struct _br_text_end_t {
    bool all;         //  all channels
    uint64_t channel; //  else this one; 0 = none
    uint64_t choice;  //  with `is_choice`: all channels of this choice or block
    bool is_choice;
    bool behind; //  some of them have a piece in this event
    //  It is said to be the end, but there are providers that say so in every event: a piece
    //  that comes later goes on with the same text.
    bool may_go_on;
} br_text_end_t;

typedef struct _br_text_event_t {
    br_text_end_t ends[BR_TEXT_ENDS_MAX];
    size_t nends;
    //  A member that says a piece, or whose piece it is, stands twice, or its number is none
    //  that all read alike (-1, 1.0, "1"): all are told, but a client may put its pieces
    //  together in another way.
    bool doubled;
    //  It begins a block or item. There are clients that go by the number of those that
    //  have begun before, whatever number this one says it has.
    bool begins;
    uint64_t begun;     //  what it says; UINT64_MAX = several, or none
    bool has_sequence;  //  the event is numbered (Responses)
    size_t sequence_at; //  where the number stands, bytes
    size_t sequence_size;
} br_text_event_t;

//  The texts of one event's data (JSON); *ret_event is there before the first span is told.
//  Channels are stable over the events of one answer:
//  made of choice, block, output index, part and kind; br_texts_choice tells the choice.
//  err:  BR_EINVALID
int br_texts_of_event (br_surface_t surface, const void *bytes, size_t size,
                       br_text_event_t *ret_event, br_text_fn *fn, void *arg,
                       br_error_t *reterr);
uint64_t br_texts_choice (uint64_t channel);

//  ---- calls of tools, in answers

typedef enum {
    BR_CALL_NAME, //  of the tool, a string
    BR_CALL_TYPE, //  a string like "local_shell_call", which says it where there is no name
    BR_CALL_SERVER,   //  whose tool it is, a string; the provider calls it there
    BR_CALL_SPACE,    //  whose tool it is, a string, for those clients that ask for it
    BR_CALL_ARGUMENTS //  a string that holds JSON, or an object or array
} br_call_part_t;

//  What one object says is of one call.
typedef struct _br_call_span_t {
    br_call_part_t part;
    br_text_form_t form; //  STRING or JSON_VALUE
    size_t at;           //  bytes
    size_t size;         //  bytes
    size_t object;       //  where the object stands that says it, bytes
    //  ---- in events
    uint64_t
        call; //  events with the same number are of one call; 0 = this one has all of it
    uint64_t channel; //  as of br_text_span_t: it is a piece; 0 = it is whole
    //  It is whole for some clients, and for others a piece behind what its call has said.
    bool joins;
    uint64_t id; //  made of the id that the client is told; 0 = it is told none
} br_call_span_t;

typedef int (br_call_fn) (void *arg, const br_call_span_t *span);

//  What a single answer, or one event's data, says of calls; all else as above.
int br_texts_step_calls (br_texts_t *self, size_t slice_bytes, br_call_fn *fn, void *arg,
                         br_error_t *reterr);
int br_texts_calls_of_answer (br_surface_t surface, const void *bytes, size_t size,
                              br_call_fn *fn, void *arg, br_error_t *reterr);
int br_texts_calls_of_event (br_surface_t surface, const void *bytes, size_t size,
                             br_text_event_t *ret_event, br_call_fn *fn, void *arg,
                             br_error_t *reterr);

#endif
