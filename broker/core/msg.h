//  msg: one message of the bus. It owns its fields and holds a reference on its body; it
//  has no pointer into anybody's state. On a wire it is bytes: network order, versioned.
//  What comes from a wire is checked against the catalogue before anybody sees it.

#ifndef BR_MSG_H
#define BR_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/blob.h"
#include "broker/core/buf.h"
#include "broker/core/error.h"
#include "broker/core/verbs.h"

#define BR_MSG_VERSION 1
#define BR_MSG_FIELDS_MAX (4u << 20) //  bytes of encoded fields
#define BR_MSG_BODY_MAX (256u << 20) //  bytes of a body

//  Names a call for all time: hi is (unix ms at the start of ingress, 16 random bits),
//  lo counts from a random number.
typedef struct _br_id_t {
    uint64_t hi;
    uint64_t lo;
} br_id_t;

#define BR_ID_TEXT 37 //  bytes, with the end: as a UUID

bool br_id_is (br_id_t a, br_id_t b);
bool br_id_is_set (br_id_t id);
const char *br_id_text (br_id_t id, char ret_text[BR_ID_TEXT]);
bool br_addr_is (br_addr_t a, br_addr_t b);
bool br_addr_is_set (br_addr_t addr);

typedef struct _br_msg_t {
    br_verb_t verb;
    br_addr_t from;
    br_addr_t to;
    br_id_t call;           //  zero for messages that are of no call
    uint32_t attempt;       //  1 for the first; 0 where it means nothing
    br_blob_t *body;        //  own reference, or NULL
    struct _br_msg_t *next; //  for the queue that holds it
    size_t bytes;           //  what it counts for in a queue's bound, body included
} br_msg_t;

//  A message; fields is the verb's struct (struct br_call_open ...) or NULL for zeros.
//  Texts and bytes are copied. A NULL text counts as "". Takes a reference on body.
//  "caller destroys"
br_msg_t *br_msg_new (br_verb_t verb, br_id_t call, uint32_t attempt, const void *fields,
                      br_blob_t *body);
void br_msg_destroy (br_msg_t **self_p);

//  The verb's struct; its texts end with a zero. "owned by self"
const void *br_msg_fields (const br_msg_t *self);

//  Appends the encoded message, without its body, to buf. The body's size is in it.
void br_msg_encode (const br_msg_t *self, br_buf_t *buf);

//  Reads what br_msg_encode wrote. The body is set by the caller afterwards.
//  "caller destroys". err: BR_EINVALID with what is wrong. ret_body_size may be NULL.
br_msg_t *br_msg_decode (const uint8_t *bytes, size_t size, size_t *ret_body_size,
                         br_error_t *reterr);

//  One line for people and tests: "call.open model=gpt-4o stream=1 body=120".
//  Bytes fields are shown by size. Never use it where a slice with secrets may pass:
//  the slice of conf.try is shown by size too.
void br_msg_print (const br_msg_t *self, br_buf_t *buf);

#endif
