//  rate_reply: one HTTP answer as the load generator reads it: where it ends, whether it
//  is whole, and how old each event of a stream is. Push parser, never looks at a socket.

#ifndef RATE_REPLY_H
#define RATE_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RATE_LINE_MAX 1024 //  bytes of a line that are looked at

//  Called for each event; sent_ns is the stamp in it, or 0.
typedef void (rate_event_fn) (void *arg, uint64_t sent_ns);

typedef enum {
    RATE_HEAD,
    RATE_BODY,
    RATE_CHUNK_SIZE,
    RATE_CHUNK,
    RATE_CHUNK_END,
    RATE_TRAILER,
    RATE_UNTIL_CLOSE,
    RATE_DONE
} rate_state_t;

typedef struct _rate_reply_t {
    rate_state_t state;
    int status;
    bool keep_alive;
    bool is_chunked;
    bool is_stream;
    bool has_end;   //  data: [DONE] was seen
    bool has_error; //  an event was an error object
    bool has_length;
    uint64_t left; //  bytes of the body or of the chunk
    uint64_t body_bytes;
    uint64_t events;
    size_t line_size; //  of the line that is not complete yet
    char line[RATE_LINE_MAX];
    size_t event_size; //  the same for lines of events
    char event[RATE_LINE_MAX];
    rate_event_fn *fn; //  may be NULL
    void *arg;         //  borrowed
} rate_reply_t;

void rate_reply_init (rate_reply_t *self, rate_event_fn *fn, void *arg);

//  Returns 1 when the answer is complete, 0 when more is needed, -1 when it is none.
int rate_reply_feed (rate_reply_t *self, const uint8_t *bytes, size_t size);

//  The connection was closed by the other side. True if that is a proper end.
bool rate_reply_closed (rate_reply_t *self);

//  Status 200, and a stream came to its end mark.
bool rate_reply_is_good (const rate_reply_t *self);

#endif
