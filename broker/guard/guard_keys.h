//  guard_keys: keys of arguments that are denied, known in any case, with any marks between
//  their words, and with blanks around them.

#ifndef BR_GUARD_KEYS_H
#define BR_GUARD_KEYS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct _guard_keys_t guard_keys_t;

//  in:   list, of strings, or NULL. "caller destroys"
guard_keys_t *guard_keys_new (const cJSON *list);
void guard_keys_destroy (guard_keys_t **self_p);

//  in:   key, a JSON string as it stands
bool guard_keys_has (const guard_keys_t *self, const void *key, size_t size);

#endif
