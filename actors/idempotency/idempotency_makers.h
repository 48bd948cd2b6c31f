//  idempotency_makers: who made what providers keep for later calls (stored responses). The
//  newest IDEMPOTENCY_MAKERS_MAX are known, as far as IDEMPOTENCY_MAKERS_BYTES reach.

#ifndef BR_IDEMPOTENCY_MAKERS_H
#define BR_IDEMPOTENCY_MAKERS_H

#include <stdbool.h>
#include <stddef.h>

#define IDEMPOTENCY_MAKERS_MAX 65536         //  objects that are remembered
#define IDEMPOTENCY_MAKERS_BYTES (16u << 20) //  of their texts, and ROW_BYTES of each
#define IDEMPOTENCY_MAKERS_ROW_BYTES 64      //  that a row counts beside its texts
#define IDEMPOTENCY_MAKERS_ID_MAX 256 //  bytes of an id; longer ones are not remembered
#define IDEMPOTENCY_MAKERS_TEXT_MAX 1024 //  bytes of the rest of a row

typedef struct _idempotency_makers_t idempotency_makers_t;

typedef struct _idempotency_maker_t {
    const char *route;    //  the name that the client asked for
    const char *provider; //  who answered
    const char *endpoint; //  which of the provider's endpoints; "" = its own
    const char *account;  //  whose it is; "" = it was made without a credential
} idempotency_maker_t;

//  "caller destroys"
idempotency_makers_t *idempotency_makers_new (void);
void idempotency_makers_destroy (idempotency_makers_t **self_p);

//  Whether an object of this id could be known.
bool idempotency_makers_takes (const char *object);

//  Remembers an object; one that is known keeps its maker. False when it is too long, or its
//  id is empty.
bool idempotency_makers_add (idempotency_makers_t *self, const char *object,
                             const idempotency_maker_t *maker);

//  "owned by self, until next change", or NULL.
const idempotency_maker_t *idempotency_makers_get (const idempotency_makers_t *self,
                                                   const char *object);

size_t idempotency_makers_count (const idempotency_makers_t *self);
size_t idempotency_makers_bytes (const idempotency_makers_t *self);

#endif
