//  ingress_reply: heads of answers as HTTP: the provider's headers, ours, and those that a
//  browser wants.

#ifndef BR_INGRESS_REPLY_H
#define BR_INGRESS_REPLY_H

#include "actors/ingress/ingress_answer.h"
#include "actors/ingress/ingress_identity.h"
#include "broker/net/http_server.h"

#define INGRESS_HEADERS_MAX 96 //  of an answer; more are left out

//  Whom an answer is for. All is borrowed.
typedef struct _ingress_guest_t {
    http_call_t *http;
    const char *request_id;
    const char *origin;           //  a page that may read the answer, or NULL
    br_protocol_t wire;           //  in which it hears errors
    br_bytes_t notes;             //  pairs: headers of our own, see ingress_notes.h
    bool replayed;                //  it is the answer to an earlier call
    ingress_identity_t *identity; //  who asks; NULL = nobody we know
    uint64_t came_us;             //  when the request had come
} ingress_guest_t;

//  A single answer, or the head of a streamed one.
void ingress_reply_whole (const ingress_guest_t *guest, const ingress_head_t *head,
                          br_blob_t *body);
void ingress_reply_open (const ingress_guest_t *guest, const ingress_head_t *head);

//  An answer of our own, JSON. body may be NULL.
void ingress_reply_json (const ingress_guest_t *guest, unsigned status, br_blob_t *body);

//  An error of our own in the protocol's shape, with what its code demands in headers.
//  allow: methods, for BR_EMETHOD; else NULL.
void ingress_reply_error (const ingress_guest_t *guest, const br_error_t *error,
                          const char *allow);

//  Tells a browser that its page may call.
void ingress_reply_preflight (const ingress_guest_t *guest);

#endif
