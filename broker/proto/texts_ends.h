//  texts_ends: which channels an event ends, and which of them have a piece in it.

#ifndef BR_TEXTS_ENDS_H
#define BR_TEXTS_ENDS_H

#include "broker/proto/texts_shape.h"

#define TEXTS_PIECES_MAX 64 //  channels of one event that are remembered

typedef struct _texts_ends_t {
    br_text_event_t event;
    uint64_t pieces[TEXTS_PIECES_MAX];
    size_t npieces; //  more than there is room for when it is TEXTS_PIECES_MAX
} texts_ends_t;

void texts_ends_init (texts_ends_t *self);

//  in:   channel, of the spot; 0 = none
void texts_ends_add (texts_ends_t *self, texts_end_t end, uint64_t channel,
                     uint64_t choice);

//  The event has a piece of this channel.
void texts_ends_note (texts_ends_t *self, uint64_t channel);

//  All was added: says which ends come behind the event's own pieces.
void texts_ends_order (texts_ends_t *self);

#endif
