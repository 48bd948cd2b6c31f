//  buf: bytes that grow, up to a named maximum. Past the maximum nothing is added and the
//  buffer is marked full, so that a writer can check once, at the end.

#ifndef BR_BUF_H
#define BR_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct _br_buf_t {
    uint8_t *data; //  owned; NULL while nothing was added
    size_t size;   //  bytes in use
    size_t room;   //  bytes allocated
    size_t max;    //  bytes at the most
    bool overflow; //  something did not fit
} br_buf_t;

void br_buf_init (br_buf_t *self, size_t max);
void br_buf_clear (br_buf_t *self); //  empties, keeps the memory
void br_buf_free (br_buf_t *self);  //  empties and gives the memory back

//  0, or -1 when it would grow past the maximum; then nothing is added.
int br_buf_add (br_buf_t *self, const void *bytes, size_t size);
int br_buf_adds (br_buf_t *self, const char *text);
int br_buf_addc (br_buf_t *self, char c);
int br_buf_addf (br_buf_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

//  Text as a JSON string with its quotes. Bytes over 0x7f are copied as they are.
int br_buf_add_json (br_buf_t *self, const char *text, size_t size);

//  Removes size bytes from the front. size <= self->size.
void br_buf_shift (br_buf_t *self, size_t size);

//  The content with a zero byte behind it, which does not count. "owned by self, until
//  next change"
const char *br_buf_text (br_buf_t *self);

//  Hands the memory over; the buffer is empty afterwards. "caller frees", or NULL.
uint8_t *br_buf_take (br_buf_t *self, size_t *ret_size);

#endif
