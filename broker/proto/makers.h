//  makers: who made what providers keep for later calls (stored responses), by its id. The
//  newest are known, as many as asked for and as far as BR_MAKERS_BYTES reach.

#ifndef BR_MAKERS_H
#define BR_MAKERS_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/core/buf.h"
#include "broker/core/verbs.h"

#define BR_MAKERS_BYTES (16u << 20) //  of their texts, and ROW_BYTES of each
#define BR_MAKERS_ROW_BYTES 64      //  that a row counts beside its texts
#define BR_MAKERS_ID_MAX 256        //  bytes of an id; longer ones are not remembered
#define BR_MAKERS_TEXT_MAX 1024     //  bytes of the rest of a row

typedef struct _br_makers_t br_makers_t;

typedef struct _br_maker_t {
    const char *route;    //  the name that the client asked for
    const char *provider; //  who answered
    const char *endpoint; //  which of the provider's endpoints; "" = its own
    const char *account;  //  whose it is; "" = it was made without a credential
} br_maker_t;

//  in:   rows, objects that are remembered at the most, from 1. "caller destroys"
br_makers_t *br_makers_new (size_t rows);
void br_makers_destroy (br_makers_t **self_p);

//  Whether an object of this id could be known.
bool br_makers_takes (const char *object);

//  Remembers an object; one that is known keeps its maker. False when it was known, is too
//  long, or its id is empty.
bool br_makers_add (br_makers_t *self, const char *object, const br_maker_t *maker);

//  "owned by self, until next change", or NULL.
const br_maker_t *br_makers_get (const br_makers_t *self, const char *object);

size_t br_makers_count (const br_makers_t *self);
size_t br_makers_bytes (const br_makers_t *self);

//  Writes the candidate that is the maker into out; it is emptied first.
//  ret:  0, or -1 when there is none
int br_maker_choose (const br_maker_t *maker, br_bytes_t candidates, br_buf_t *out);

#endif
