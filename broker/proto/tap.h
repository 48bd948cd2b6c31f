//  tap: reads a copy of a provider's answer as it passes and notes what the router wants to
//  know of it: usage, finish, errors. It never changes or delays a byte, and its failure is
//  nobody's but its own: it then says `unknown` and goes deaf.
//  Streams and plain bodies are told apart by their first byte, not by what was asked for,
//  since providers answer a streamed call with a plain error body and the reverse.

#ifndef BR_TAP_H
#define BR_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/proto/protocol.h"
#include "broker/proto/usage.h"

#define TAP_BODY_MAX (16u * 1024 * 1024) //  bytes of a plain body that is read
#define TAP_WORD_MAX 64                  //  bytes of a finish reason, type or code
#define TAP_NAME_MAX 256                 //  bytes of a model or an id

//  What the answer began with. Comments, keep-alives and empty events are nothing yet, nor
//  are events that announce an answer: providers tell of quota and overload behind them.
typedef enum {
    TAP_NOTHING, //  so far
    TAP_DATA,    //  a meaningful frame; the answer may be committed to the client
    TAP_ERROR    //  an error object; nothing of an answer came before it
} tap_first_t;

//  Texts are "" when absent or over their maximum. None of them is a message of the
//  provider's, which may repeat a credential.
typedef struct _tap_result_t {
    bool unknown;   //  something could not be read; the rest may be incomplete
    bool malformed; //  it is no JSON of the kind that it must be
    tap_first_t first;
    bool error; //  an error object came, first or later
    bool done;  //  the terminal marker came: [DONE], or the end of a plain body
    bool
        complete; //  the answer is whole: done, or, where the protocol has no sure marker,
                  //  finished and ended; and no error
    br_usage_t usage;
    uint64_t told; //  characters said to the client, counted while usage is not known
    char finish[TAP_WORD_MAX]; //  as the provider spells it; the last one given
    char model[TAP_NAME_MAX];  //  the first one given
    char id[TAP_NAME_MAX];     //  the first one given
    char error_type[TAP_WORD_MAX];
    char error_code[TAP_WORD_MAX]; //  a number as its digits
} tap_result_t;

typedef struct _tap_t tap_t;

//  in:   stream, a stream was asked for: what to expect when the first byte does not tell
//  "caller destroys"
tap_t *tap_new (br_protocol_t protocol, bool stream);
void tap_destroy (tap_t **self_p);

//  Reads the next bytes of the answer's body. A plain body says nothing before its end.
//  ret:  what the answer began with, as far as is known
tap_first_t tap_push (tap_t *self, const void *bytes, size_t size);

//  The body has ended as its framing says. Not to be called for one that was cut.
tap_first_t tap_end (tap_t *self);

//  What is known so far. "owned by self, until next change"
const tap_result_t *tap_result (const tap_t *self);

#endif
