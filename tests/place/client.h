//  client: one HTTP/1.1 request on a connection of its own, as an application would make
//  it. It keeps what comes, byte for byte, and tells how the answer ended.

#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>

#include "broker/core/buf.h"

#define CLIENT_ANSWER_MAX (256u << 20) //  bytes

typedef enum {
    CLIENT_OPEN,  //  there may be more
    CLIENT_CLEAN, //  the answer is whole as far as HTTP knows
    CLIENT_CUT,   //  the connection ended before that
    CLIENT_LEFT,  //  we closed it
    CLIENT_HUNG   //  nothing came for a long time
} client_end_t;

typedef struct _client_request_t {
    const char *method;
    const char *path;
    const char *id;      //  x-bitrouter-request-id; NULL = none
    const char *headers; //  further lines with their ends; NULL = none
    const char *body;    //  borrowed
    size_t body_size;    //  bytes
} client_request_t;

typedef struct _client_t client_t;

//  Connects. NULL when that fails. "caller destroys", which closes
client_t *client_new (unsigned port);
void client_destroy (client_t **self_p);

//  Sends the whole request. 0, or -1 when the connection ends before.
int client_send (client_t *self, const client_request_t *request);

//  Waits up to timeout_ms for bytes and takes them. What becomes of the answer.
client_end_t client_read (client_t *self, unsigned timeout_ms);

//  Reads until the end; CLIENT_HUNG when nothing comes for silence_ms.
client_end_t client_finish (client_t *self, unsigned silence_ms);

void client_leave (client_t *self);

client_end_t client_ended (const client_t *self);
unsigned client_status (const client_t *self); //  0 = no head
unsigned client_events (const client_t *self); //  whole events of the body, count
const char *client_head (client_t *self);      //  status line and headers
const char *client_body (client_t *self);      //  without chunks; zero behind it
size_t client_body_size (const client_t *self);

//  Whether the answer is a stream that says of itself that it is complete.
bool client_is_complete (client_t *self);

//  Whether it tells of an error: by its status, or as an event.
bool client_is_error (client_t *self);

#endif
