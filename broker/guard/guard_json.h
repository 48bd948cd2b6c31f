//  guard_json: a JSON text under way, cut into runs of its leaves: what is structure, key,
//  value of a string, or a number or word; and its view with the escapes of strings undone,
//  mapped back. It forgives: a text that is no JSON has runs as well.

#ifndef BR_GUARD_JSON_H
#define BR_GUARD_JSON_H

#include "broker/core/buf.h"

#define GUARD_SCALAR_MAX 1024 //  bytes of a number or word; more is another one

typedef enum {
    GUARD_LEAF_STRUCTURE, //  brackets, commas, colons, blanks, quotes
    GUARD_LEAF_KEY,       //  inside of a key's quotes
    GUARD_LEAF_VALUE,     //  inside of a string's quotes
    GUARD_LEAF_SCALAR,    //  a number, true, false, null, or what is none of these
} guard_leaf_t;

//  Bytes of one kind in a row. Offsets are bytes from the text's start.
typedef struct _guard_run_t {
    guard_leaf_t leaf;
    bool is_whole; //  an escape or a scalar: changed as a whole or not at all
    uint64_t at;   //  in the text as it stands
    uint64_t size;
    uint64_t view_at; //  in the view
    uint64_t view_size;
} guard_run_t;

typedef struct _guard_json_t guard_json_t;

guard_json_t *guard_json_new (void); //  "caller destroys"
void guard_json_destroy (guard_json_t **self_p);
void guard_json_reset (guard_json_t *self); //  as new, for another text

//  Reads bytes that follow what was read, and appends their view.
//  in:   is_end, nothing follows them
//  ret:  bytes that were read: a character, an escape or a scalar that is not whole stays,
//        and has to come again with more behind it; at the end all are read
size_t guard_json_read (guard_json_t *self, const void *bytes, size_t size, bool is_end,
                        br_buf_t *view);

uint64_t guard_json_size (const guard_json_t *self); //  bytes that were read

//  What the bytes are that were not read.
guard_leaf_t guard_json_leaf (const guard_json_t *self);

//  Runs that were not dropped, ascending, without a gap. "owned by self, until next change"
const guard_run_t *guard_json_runs (const guard_json_t *self, size_t *ret_count);

//  The run that an offset is in, of the text or of the view; NULL: not read, or dropped.
const guard_run_t *guard_json_run (const guard_json_t *self, uint64_t at);
const guard_run_t *guard_json_run_of_view (const guard_json_t *self, uint64_t view_at);

//  Forgets runs that end at or before this.
void guard_json_drop (guard_json_t *self, uint64_t upto);

#endif
