//  codec: what a protocol is: one const table of how it reads and writes calls and
//  replies. A codec knows its own protocol and the canonical form, and no other protocol.
//  Each lives in a folder of its own; codec.c names them all.

#ifndef BR_CODEC_H
#define BR_CODEC_H

#include "broker/proto/call.h"
#include "broker/proto/reply.h"
#include "broker/proto/tap_reader.h"

//  What the answer needs to know of the call.
typedef struct _br_asked_t {
    const br_call_t *call; //  of the client; borrowed
    br_text_t model;       //  what the answer says its model is
    const char *id;        //  a fresh id without a prefix, [A-Za-z0-9]{24}
    uint64_t now;          //  unix seconds
} br_asked_t;

typedef struct _br_codec_t {
    br_protocol_t protocol;
    const char *name;        //  "Anthropic Messages", for people
    const char *label;       //  "messages", for configuration and errors
    const tap_reader_t *tap; //  how its answers are tapped where they pass as they are

    //  ---- calls; all MUST be set

    //  Reads a request body into an empty call. Texts may stay in the tree's bytes, which
    //  must then live as long as the call. What has no place in the canonical form
    //  becomes an extra. Members of a wrong type are refused.
    //  err:  BR_EINVALID, with the path of the offending member
    int (*read_call) (br_call_t *call, const json_tree_t *tree, const json_node_t *root,
                      br_error_t *reterr);

    //  Writes the body of a request. The call's turns are settled. What the target cannot
    //  carry becomes a loss, or is refused where the meaning would change in silence.
    //  err:  BR_EINVALID, names the client's field and the target
    int (*write_call) (const br_call_t *call, const br_target_t *target,
                       br_loss_t **losses, br_buf_t *out, br_error_t *reterr);

    //  ---- whole replies

    //  err:  BR_EUPINVALID it is no reply
    int (*read_reply) (br_reply_t *reply, const json_tree_t *tree,
                       const json_node_t *root, br_error_t *reterr);
    void (*write_reply) (const br_reply_t *reply, const br_asked_t *asked, br_buf_t *out);

    //  ---- streamed replies: a reader's and a writer's state are the codec's own

    void *(*reader_new) (void);
    void (*reader_destroy) (void **reader_p);

    //  One event of the provider's stream. name is "" for an event without one.
    //  err:  BR_EUPINVALID it makes no sense; the stream is broken off then
    int (*read_event) (void *reader, const char *name, const json_tree_t *tree,
                       const json_node_t *root, br_delta_fn *fn, void *arg,
                       br_error_t *reterr);

    //  An event that is no JSON, such as [DONE]. As read_event.
    int (*read_mark) (void *reader, br_text_t data, br_delta_fn *fn, void *arg,
                      br_error_t *reterr);

    //  The bytes have ended as HTTP says: END if the answer is whole.
    //  err:  BR_EUPCUT it is not
    int (*read_end) (void *reader, br_delta_fn *fn, void *arg, br_error_t *reterr);

    void *(*writer_new) (const br_asked_t *asked); //  asked: borrowed
    void (*writer_destroy) (void **writer_p);

    //  MAY. The writer has just been given again what another one wrote, with its output
    //  thrown away: events is how many the client has read of that.
    void (*writer_resume) (void *writer, uint64_t events);

    //  A delta, in order (br_order), as bytes for the client: none, one or several
    //  events. PING is a keep-alive; ERROR and END write what ends the stream.
    void (*write_delta) (void *writer, const br_delta_t *delta, br_buf_t *out);

    //  ---- errors

    //  The body of an error. param: the path of the member it is about, or absent.
    void (*write_error) (br_code_t code, const char *text, br_text_t param,
                         br_buf_t *out);

    //  The HTTP status that goes with a code in this protocol.
    unsigned (*status) (br_code_t code);
} br_codec_t;

//  Reads a whole answer that looks as the only event of a stream does, with the mark that
//  ends it: what read_reply is where the two have the same shape.
//  err:  what the reader says, or the provider's own error
int br_codec_read_as_event (const br_codec_t *self, br_text_t mark, br_reply_t *reply,
                            const json_tree_t *tree, const json_node_t *root,
                            br_error_t *reterr);

//  Of a protocol; always one.
const br_codec_t *br_codec_of (br_protocol_t protocol);

#endif
