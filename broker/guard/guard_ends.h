//  guard_ends: what an event of a stream says of the end of a text.

#ifndef BR_GUARD_ENDS_H
#define BR_GUARD_ENDS_H

#include "broker/proto/texts.h"

typedef enum {
    GUARD_GOES_ON,
    GUARD_MAY_END, //  and the event may be kept until that is known
    GUARD_ENDS
} guard_end_t;

//  Of all that the event says of this text the strongest counts.
//  in:   behind, whether what is said behind its own pieces of the text is asked for, or in
//        front of them; may_wait, else what may be an end is one
guard_end_t guard_ends_of (const br_text_event_t *told, uint64_t number, bool behind,
                           bool may_wait);

#endif
