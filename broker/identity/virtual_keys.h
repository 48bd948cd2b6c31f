//  virtual_keys: the virtual keys of a folder of keys, and what can be done with them.

#ifndef BR_VIRTUAL_KEYS_H
#define BR_VIRTUAL_KEYS_H

#include "broker/core/conf_words.h"
#include "broker/identity/virtual_key.h"

typedef struct _br_virtual_keys_t br_virtual_keys_t;

//  Reads all, those that are revoked too, in the order of their ids. One whose file is broken
//  is left out, with a warning: it is refused then.
//  in:   warnings, or NULL
//  "caller destroys". err: BR_ESYSTEM
br_virtual_keys_t *br_virtual_keys_new (const char *folder, br_conf_words_t *warnings,
                                        br_error_t *reterr);
void br_virtual_keys_destroy (br_virtual_keys_t **self_p);

size_t br_virtual_keys_count (const br_virtual_keys_t *self);

//  "owned by self", or NULL.
const br_virtual_key_t *br_virtual_keys_at (const br_virtual_keys_t *self, size_t index);
const br_virtual_key_t *br_virtual_keys_by_hash (const br_virtual_keys_t *self,
                                                 const char *hash);

//  By its place in the order, its id or the beginning of it, or by the key itself.
//  "owned by self". err: BR_ENOTFOUND
const br_virtual_key_t *br_virtual_keys_find (const br_virtual_keys_t *self,
                                              const char *id, br_error_t *reterr);

//  ---- changes of a folder; lists that were read before do not know of them

//  Draws a key with these rights and saves it. Without an account it becomes one of its own,
//  by the name of its id, and so do its successors.
//  out:  the key, told this once; hash, id and account of *key
//  err:  BR_ESYSTEM
int br_virtual_keys_make (const char *folder, br_virtual_key_t *key,
                          char ret_key[BR_VIRTUAL_ROOM], br_error_t *reterr);

//  Refuses a key from now on. err: BR_ESYSTEM
int br_virtual_keys_revoke (const char *folder, const br_virtual_key_t *key,
                            br_error_t *reterr);

//  Makes a new key with the same rights, and refuses the old one from now on. Its spending
//  counts from nothing where a budget is for each key.
//  out:  the new key, told this once; *ret_next, "caller destroys"
//  err:  BR_ECONFLICT when the old one is revoked; BR_ESYSTEM; then the old one stays good
int br_virtual_keys_rotate (const char *folder, const br_virtual_key_t *old,
                            uint64_t now_s, char ret_key[BR_VIRTUAL_ROOM],
                            br_virtual_key_t **ret_next, br_error_t *reterr);

#endif
