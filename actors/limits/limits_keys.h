//  limits_keys: the level of each key that was asked for lately, and who holds its slots. A
//  key that is full again, and whose slots are all back, may make room for another.

#ifndef BR_LIMITS_KEYS_H
#define BR_LIMITS_KEYS_H

#include "broker/core/msg.h"
#include "actors/limits/limits_bucket.h"
#include "actors/limits/limits_rules.h"

#define LIMITS_KEYS_MAX 65536
#define LIMITS_HOLDERS_MAX 4096 //  actors that hold slots of one key

typedef struct _limits_holder_t {
    br_addr_t addr;
    uint64_t slots; //  count
} limits_holder_t;

typedef struct _limits_key_t {
    struct _limits_key_t *chain; //  of one bucket of the table
    struct _limits_key_t *newer; //  in order of use
    struct _limits_key_t *older;
    uint64_t hash;
    char *kind; //  owned
    char *name; //  owned
    limits_bucket_t requests;
    limits_bucket_t tokens;
    uint64_t concurrency;     //  slots at the most; 0 = not limited
    uint64_t slots;           //  that are held, count
    limits_holder_t *holders; //  owned
    size_t holders_size;
    size_t holders_room;
    limits_rule_t own; //  the limits that it has of its own, as told last
    uint64_t told_us;  //  when an event told of it; 0 = none did
} limits_key_t;

typedef struct _limits_keys_t limits_keys_t;

limits_keys_t *limits_keys_new (void); //  "caller destroys"
void limits_keys_destroy (limits_keys_t **self_p);

//  The key, used now; made with its rule when it is not there. NULL when there is no room.
//  "owned by self"
limits_key_t *limits_keys_get (limits_keys_t *self, const char *kind, const char *name,
                               const limits_rule_t *rule, uint64_t now_us);

//  The key, or NULL.
limits_key_t *limits_keys_find (const limits_keys_t *self, const char *kind,
                                const char *name);

//  The one that was used last, or NULL; then its `older`, and so on.
limits_key_t *limits_keys_newest (const limits_keys_t *self);

void limits_keys_forget (limits_keys_t *self, limits_key_t *key);
size_t limits_keys_size (const limits_keys_t *self); //  count

//  Levels stay where the limit does; else what was used stays used.
void limits_key_set (limits_key_t *self, const limits_rule_t *rule, uint64_t now_us);

//  Slots go to an actor. 0, or -1 when too many actors hold some.
int limits_key_hold (limits_key_t *self, br_addr_t addr, uint64_t slots);

//  They come back, no more than it holds.
void limits_key_release (limits_key_t *self, br_addr_t addr, uint64_t slots);

//  All slots of a host's actors come back.
void limits_key_gone (limits_key_t *self, uint32_t host, uint32_t life);

#endif
