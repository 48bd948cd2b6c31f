//  http_body: the body of one request, in pieces that are not joined. It is read from
//  front to back, and from the front again when a request has to be sent once more.

#ifndef BR_HTTP_BODY_H
#define BR_HTTP_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "broker/net/http_client.h"

#define HTTP_BODY_JOIN_MAX 16384 //  bytes; several pieces up to here are copied together

typedef struct _http_body_t {
    http_piece_t pieces[HTTP_PIECES_MAX]; //  blobs are references of our own
    size_t pieces_size;                   //  count
    uint64_t size;                        //  bytes in all
    char *copy;                           //  owned: the pieces joined, or the texts
    const char *flat;                     //  the whole body in one place, or NULL
    size_t at_piece;                      //  index of the piece that is read next
    size_t at;                            //  bytes of it already read
} http_body_t;

//  Takes references and copies, as http_piece_t says. A zeroed body is an empty one.
void http_body_set (http_body_t *self, const http_piece_t *pieces, size_t pieces_size);
void http_body_clear (http_body_t *self);

//  Copies at most room bytes. Returns how many; 0 at the end.
size_t http_body_read (http_body_t *self, char *to, size_t room);

//  Reads on from offset bytes. 0, or -1 behind the end.
int http_body_seek (http_body_t *self, uint64_t offset);

#endif
