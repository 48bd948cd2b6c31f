//  ingress_made: which endpoint made an object that a client may ask for later (a stored
//  response), so that what is asked about it goes there and nowhere else. The newest
//  INGRESS_MADE_MAX are known that were made or asked about here, and none from before a
//  restart; ingress_search finds out about others.

#ifndef BR_INGRESS_MADE_H
#define BR_INGRESS_MADE_H

#include <stdbool.h>

#include "broker/core/buf.h"
#include "broker/core/verbs.h"

#define INGRESS_MADE_MAX 16384     //  objects that are remembered
#define INGRESS_MADE_ID_MAX 256    //  bytes of an id; longer ones are not remembered
#define INGRESS_MADE_TEXT_MAX 1024 //  bytes of the rest of a row

typedef struct _ingress_made_t ingress_made_t;

typedef struct _ingress_maker_t {
    const char *route;    //  the name that the client asked for
    const char *provider; //  who answered
    const char *endpoint; //  which of the provider's endpoints; "" = its own
    const char *account;  //  whose it is; "" = it was made without a credential
} ingress_maker_t;

//  "caller destroys"
ingress_made_t *ingress_made_new (void);
void ingress_made_destroy (ingress_made_t **self_p);

//  Whether an object of this id could be known.
bool ingress_made_takes (const char *id);

//  Remembers an object; one that is known keeps its maker. False when it was known, or is
//  not remembered.
bool ingress_made_add (ingress_made_t *self, const char *id,
                       const ingress_maker_t *maker);

//  "owned by self, until next change", or NULL.
const ingress_maker_t *ingress_made_get (const ingress_made_t *self, const char *id);

//  Writes the candidate that is the maker into out; it is emptied first.
//  ret:  0, or -1 when there is none
int ingress_made_choose (const ingress_maker_t *maker, br_bytes_t candidates,
                         br_buf_t *out);

#endif
