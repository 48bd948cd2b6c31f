//  inbox: large messages of one peer, put together from their parts.

#ifndef BR_INBOX_H
#define BR_INBOX_H

#include <stdint.h>

#include "broker/core/msg.h"

#define BR_INBOX_TRANSFERS_MAX 1024 //  unfinished ones of one peer

typedef struct _br_inbox_t br_inbox_t;

br_inbox_t *br_inbox_new (void);
void br_inbox_destroy (br_inbox_t **self_p);

//  A large message begins; its body of body_size bytes follows in parts. Takes the
//  message. err: BR_EINVALID when the number is in use or there are too many.
int br_inbox_begin (br_inbox_t *self, uint32_t number, br_msg_t **msg_p, size_t body_size,
                    br_error_t *reterr);

//  Bytes of it. Once it is whole *ret_msg is the message, else NULL. "caller destroys"
//  err: BR_EINVALID for an unknown number or more bytes than were told.
int br_inbox_part (br_inbox_t *self, uint32_t number, const uint8_t *bytes, size_t size,
                   br_msg_t **ret_msg, br_error_t *reterr);

#endif
