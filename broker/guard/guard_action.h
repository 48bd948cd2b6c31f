//  guard_action: what is done about a finding, and which way a text goes.

#ifndef BR_GUARD_ACTION_H
#define BR_GUARD_ACTION_H

//  In the order of strictness: of two the greater one counts.
typedef enum {
    GUARD_OFF,
    GUARD_WARN,   //  it is told; the text stays
    GUARD_REDACT, //  "[REDACTED]" stands in its place
    GUARD_BLOCK,  //  the call ends with an error
    GUARD_ACTIONS
} guard_action_t;

typedef enum {
    GUARD_UP,   //  from the client to a provider
    GUARD_DOWN, //  from a provider to the client
    GUARD_DIRECTIONS
} guard_direction_t;

#define GUARD_REDACTED "[REDACTED]"

#endif
