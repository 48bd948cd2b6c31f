//  http_chunks: the body of a streamed answer on its way to a socket. It frames (or not,
//  for HTTP/1.0), writes without blocking, and holds what the kernel does not take.
//  It knows no request and no epoll: its owner calls flush when the socket has room.
//  Where somebody else frames and sends, it holds: write with fd -1, then peek and taken.

#ifndef BR_HTTP_CHUNKS_H
#define BR_HTTP_CHUNKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/buf.h"

#define HTTP_CHUNKS_HELD_MAX (8u << 20) //  bytes that one answer may hold
#define HTTP_CHUNKS_FRAME_MAX 18        //  16 hexadecimal digits and CRLF

typedef struct _http_chunks_t {
    br_buf_t held;                     //  body bytes that the kernel has not taken
    uint64_t taken;                    //  body bytes that the kernel has taken
    size_t left;                       //  bytes of held inside the chunk under way
    char frame[HTTP_CHUNKS_FRAME_MAX]; //  head of the chunk under way
    uint8_t frame_at;                  //  bytes of it that are sent
    uint8_t frame_size;                //  bytes of it; 0 outside a chunk
    uint8_t tail;                      //  bytes of the chunk's CRLF still to send
    bool framed;                       //  chunked; else plain bytes
    bool broken;                       //  the socket failed, or too much was held
} http_chunks_t;

void http_chunks_init (http_chunks_t *self, bool framed);
void http_chunks_free (http_chunks_t *self);

//  Writes to fd what it takes now and holds the rest; fd -1 holds everything.
void http_chunks_write (http_chunks_t *self, int fd, const void *bytes, size_t size);

//  Writes what is held, as far as fd takes it. What is left waits for EPOLLOUT.
void http_chunks_flush (http_chunks_t *self, int fd);

//  The next bytes that are held, for somebody else to send: up to size of them are copied.
//  They stay held. Returns how many.
size_t http_chunks_peek (const http_chunks_t *self, void *ret_bytes, size_t size);

//  Somebody else has sent what was held, up to this offset; it is held no longer.
void http_chunks_sent (http_chunks_t *self, uint64_t taken);

//  Everything is in the kernel's hands, the frame of the last chunk included.
bool http_chunks_is_empty (const http_chunks_t *self);

#endif
