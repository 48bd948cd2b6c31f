//  reduced: what must stay the same of a call or an answer when it goes from one protocol
//  to another: texts, calls with parsed arguments, reasoning, how it finished, what it
//  used.

#ifndef BR_TEST_REDUCED_H
#define BR_TEST_REDUCED_H

#include "broker/core/buf.h"
#include "broker/proto/codec.h"

#define REDUCED_BYTES_MAX (64u << 20) //  of one field

typedef enum {
    REDUCED_SAID, //  texts and refusals of an answer; system and turns of a call
    REDUCED_REASONING,
    REDUCED_CALLS,   //  names and arguments, in order
    REDUCED_RESULTS, //  of a call: the call's number and the text
    REDUCED_TOOLS,   //  of a call: names
    REDUCED_FINISH,  //  its class
    REDUCED_INPUT,   //  usage
    REDUCED_CACHE_READ,
    REDUCED_CACHE_WRITE,
    REDUCED_OUTPUT,
    REDUCED_THOUGHTS,
    REDUCED_FIELDS
} reduced_field_t;

typedef struct {
    br_buf_t fields[REDUCED_FIELDS];
} reduced_t;

const char *reduced_field_name (reduced_field_t field);

void reduced_free (reduced_t *self);

//  Names are given as a client of the protocol would see them.
void reduced_reply (const br_reply_t *reply, br_protocol_t protocol, reduced_t *ret);

//  in:   call, settled
void reduced_call (const br_call_t *call, br_protocol_t protocol, reduced_t *ret);

//  Reads an answer of a protocol, a stream or a whole body.
//  ret:  how it ended
typedef enum {
    REDUCED_WHOLE,
    REDUCED_CUT,
    REDUCED_ERROR,   //  an error object
    REDUCED_NONSENSE //  or no answer at all
} reduced_end_t;

reduced_end_t reduced_read (br_protocol_t protocol, const void *bytes, size_t size,
                            br_reply_t *reply);

#endif
