//  client: stands in for broker/net/http_server: clients in memory, without a socket, so
//  that ingress itself can be driven in any order and in no time. client.c defines the
//  functions of http_server.h; a program that links it never takes the real ones out of
//  the library.

#ifndef BR_TESTS_FLOW_CLIENT_H
#define BR_TESTS_FLOW_CLIENT_H

#include "broker/core/buf.h"
#include "broker/net/http_server.h"

typedef enum {
    CLIENT_WAITS, //  for the rest of its answer
    CLIENT_WHOLE, //  its answer is complete
    CLIENT_CUT,   //  its answer was ended by us, and seen as cut
    CLIENT_LEFT,  //  it did not wait
    CLIENT_LOST   //  its server is no more
} client_end_t;

//  One request and its answer. Zeroed is a client that has not asked yet.
struct _http_call_t {
    http_server_t *server; //  NULL before it asks, and once nobody answers any more
    void *owner;           //  of the handler
    br_blob_t *body;       //  of the request; owned
    const char *id;        //  x-bitrouter-request-id; borrowed
    bool continues;        //  x-bitrouter-continue: on; set before it asks
    unsigned status;       //  of the answer; 0 while there is none
    char content_type[64];
    br_buf_t got;       //  the answer's body
    size_t comments;    //  bytes of those, which are not kept
    size_t taken;       //  bytes of both that the client has read
    client_end_t end;   //  as far as ingress is concerned
    bool told;          //  that the answer is complete
    const char *misuse; //  what ingress did that it must not, or NULL
};

//  Posts to /v1/chat/completions. id and the client are borrowed until it is freed.
void client_post (http_call_t *self, http_server_t *server, const char *id,
                  const char *body);

//  Reads all that is there: ingress hears that it was written, or that all is done.
void client_take (http_call_t *self);
bool client_has_to_take (const http_call_t *self);

//  The answer's body so far. "owned by self, until next change"
const char *client_text (const http_call_t *self);

//  Goes away, if it is still there.
void client_leave (http_call_t *self);
void client_free (http_call_t *self);

#endif
