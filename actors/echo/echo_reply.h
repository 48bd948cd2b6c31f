//  echo_reply: an answer that says what the client said last, in the client's protocol.
//  No message and no bus in here: bytes come in, bytes go to a callback.

#ifndef BR_ECHO_REPLY_H
#define BR_ECHO_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "broker/core/buf.h"
#include "broker/core/msg.h"
#include "broker/proto/call.h"

#define ECHO_TEXT_MAX (32u << 10)    //  bytes of text that are said again
#define ECHO_STREAM_MAX (256u << 10) //  bytes of a stream: it asks for no credit
#define ECHO_BODY_MAX (1u << 20)     //  bytes of a request that is looked into

typedef struct _echo_reply_t {
    br_protocol_t protocol;
    br_call_t *asked;  //  what was read, empty when it makes no sense; NULL for Chat
    json_tree_t *tree; //  of its bytes
    br_error_t
        fault;     //  why the call makes no sense in its protocol; code BR_OK = it does
    br_buf_t text; //  what is said
    uint64_t input_tokens; //  about four bytes a token, rounded up
    uint64_t output_tokens;
    uint64_t created;      //  unix time, seconds; set by the caller
    const char *model;     //  borrowed; set by the caller
    char call[BR_ID_TEXT]; //  set by the caller
} echo_reply_t;

//  Takes the text of the last message of the role user, or says "hello".
//  in:   counts, only tokens are to be counted; body, of the client; borrowed until destroy
//  "caller destroys"
echo_reply_t *echo_reply_new (br_protocol_t protocol, bool counts, const void *body,
                              size_t size);
void echo_reply_destroy (echo_reply_t **self_p);

//  The bytes are valid during the call.
typedef void (echo_piece_fn) (void *arg, const void *bytes, size_t size);

//  One whole answer.
void echo_reply_whole (const echo_reply_t *self, echo_piece_fn *fn, void *arg);

//  The same as events: a start, one for each word, the end with its usage. Words that
//  would not fit into ECHO_STREAM_MAX are left out.
void echo_reply_stream (const echo_reply_t *self, echo_piece_fn *fn, void *arg);

//  How many tokens were said, for who only counts.
void echo_reply_count (const echo_reply_t *self, echo_piece_fn *fn, void *arg);

//  Bytes of the first word of a text, the blanks behind it included.
size_t echo_reply_word (const char *text, const char *end);

#endif
