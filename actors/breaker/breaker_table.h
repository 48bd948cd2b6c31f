//  breaker_table: the endpoints that routers have told of, by provider and name, and single
//  models there. Bounded: one that is in use makes room for a new one.

#ifndef BR_BREAKER_TABLE_H
#define BR_BREAKER_TABLE_H

#include "actors/breaker/breaker_endpoint.h"

#define BREAKER_ENDPOINTS_MAX 4096

typedef struct _breaker_row_t {
    struct _breaker_row_t *chain; //  of one bucket of the table
    struct _breaker_row_t *newer; //  in order of use
    struct _breaker_row_t *older;
    uint64_t hash;
    char *provider;   //  owned
    char *name;       //  owned; "" = the provider's own
    char *model;      //  owned; "" = the endpoint as a whole
    uint64_t version; //  of the state that was told last
    breaker_endpoint_t state;
} breaker_row_t;

typedef struct _breaker_table_t breaker_table_t;

breaker_table_t *breaker_table_new (void); //  "caller destroys"
void breaker_table_destroy (breaker_table_t **self_p);

//  The row, used now; made when it is not there. NULL when none can make room.
//  "owned by self"
breaker_row_t *breaker_table_get (breaker_table_t *self, const char *provider,
                                  const char *name, const char *model);

//  The row, or NULL.
breaker_row_t *breaker_table_find (const breaker_table_t *self, const char *provider,
                                   const char *name, const char *model);

//  The one that was used last, or NULL; then its `older`, and so on.
breaker_row_t *breaker_table_newest (const breaker_table_t *self);

size_t breaker_table_size (const breaker_table_t *self); //  count

#endif
