//  guard_members: the members of one JSON object, one after the other, in slices: a value of
//  any size stops nobody. As broker/core/json_iter.h otherwise.

#ifndef BR_GUARD_MEMBERS_H
#define BR_GUARD_MEMBERS_H

#include "broker/core/json_iter.h"

typedef enum {
    GUARD_MEMBERS_BROKEN = -1,
    GUARD_MEMBERS_END,
    GUARD_MEMBERS_ITEM, //  there is one
    GUARD_MEMBERS_MORE  //  the slice is used up
} guard_members_rc_t;

typedef enum {
    GUARD_MEMBERS_BETWEEN, //  two members
    GUARD_MEMBERS_KEY,     //  in one
    GUARD_MEMBERS_VALUE,
    GUARD_MEMBERS_OVER
} guard_members_state_t;

typedef struct _guard_members_t {
    const uint8_t *bytes; //  borrowed
    size_t size;          //  bytes
    size_t at;
    size_t count;   //  members so far
    bool is_broken; //
    guard_members_state_t state;
    json_item_t item; //  under way
    json_scan_t scan; //  of its key, or its value
} guard_members_t;

//  in:   bytes, borrowed until the last step; blanks around the object are skipped
//  ret:  0, or -1. err: BR_EINVALID it is no object
int guard_members_begin (guard_members_t *self, const void *bytes, size_t size,
                         br_error_t *reterr);

//  Goes on. in/out: *left, bytes that may be walked; not 0
//  err:  BR_EINVALID
guard_members_rc_t guard_members_step (guard_members_t *self, size_t *left,
                                       json_item_t *ret_item, br_error_t *reterr);

#endif
