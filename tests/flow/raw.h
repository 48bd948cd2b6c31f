//  raw: bytes to a server as a test wants them, and the answer taken apart. It checks
//  nothing of what it sends.

#ifndef RAW_H
#define RAW_H

#include "broker/core/buf.h"

#define RAW_ANSWER_MAX (16u << 20) //  bytes

typedef struct _raw_t {
    int fd;          //  -1 = not connected
    br_buf_t answer; //  all that came
    bool reset;      //  the connection ended with an error
} raw_t;

//  Connects to 127.0.0.1. 0 or -1.
int raw_open (raw_t *self, unsigned port);
void raw_close (raw_t *self);

//  Sends what the server takes; one that has refused need not take all. Bytes sent.
size_t raw_send (raw_t *self, const void *bytes, size_t size);

//  A whole call: POST /v1/chat/completions with that body.
void raw_ask (raw_t *self, const char *body);

//  Says that nothing more will come, as shutdown does.
void raw_half_close (raw_t *self);

//  Reads until the answer is complete, the server closes, size_max bytes came, or nothing
//  comes for ten seconds. False for the last one.
bool raw_read (raw_t *self, size_t size_max);

unsigned raw_status (const raw_t *self); //  of the last answer; 0 = none
//  Value of a header, or NULL; in lower case as it is asked. "caller frees"
char *raw_header (const raw_t *self, const char *name);
//  Body with its chunks' frames, if there are any. "owned by self"
const char *raw_body (const raw_t *self);

#endif
