//  guard_way: what an answer is, by its type, or, as clients do where that is wrong or
//  missing, by its first bytes.

#ifndef BR_GUARD_WAY_H
#define BR_GUARD_WAY_H

#include <stdbool.h>

#include "broker/core/blob.h"

typedef enum {
    GUARD_WAY_UNKNOWN, //  sound, images, text
    GUARD_WAY_EVENTS,  //  a stream of events
    GUARD_WAY_WHOLE,   //  JSON, or nothing yet: held until its end
    GUARD_WAY_PLAIN    //  held as long as it may be words: what is not, passes
} guard_way_t;

//  in:   type, of the content, or ""; body, the first bytes, may be NULL
guard_way_t guard_way_of (const char *type, const br_blob_t *body);

//  The same where an answer may be anything: words may begin with what begins an event, so
//  that only "data: {" is one.
guard_way_t guard_way_of_any (const char *type, const br_blob_t *body);

bool
guard_way_is_json (const char *type); //  application/json, and all that ends in +json

//  Whether an answer says that it is words: by its type, text/... or subtitles, or as it begins
//  like a JSON object. body MAY be NULL
bool guard_way_is_words (const char *type, const br_blob_t *body);

#endif
