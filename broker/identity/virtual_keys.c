//  virtual_keys: one file for each, named by its id, which is the beginning of its hash: so
//  that the order of ids is that of hashes.

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/key_file.h"
#include "broker/identity/name_set.h"
#include "broker/identity/virtual_keys.h"

struct _br_virtual_keys_t {
    br_virtual_key_t **keys;
    size_t count;
    br_name_set_t *ids;
};

static void
s_add (br_virtual_keys_t *self, const char *folder, const char *id,
       br_conf_words_t *warnings)
{
    size_t size;
    br_error_t error = { .code = BR_OK };
    char *name = br_strf ("virtual/%s.json", id);
    char *json = br_key_file_read (folder, name, BR_VIRTUAL_FILE_MAX, &size, &error);
    br_virtual_key_t *key = json ? br_virtual_key_read (json, size, &error) : NULL;
    if (key && strcmp (key->id, id) != 0) {
        br_error_set (&error, BR_EINVALID, "its hash is that of another id");
        br_virtual_key_destroy (&key);
    }
    if (key) {
        self->keys[self->count++] = key;
        br_name_set_add (self->ids, id);
    } else if (error.code != BR_ENOTFOUND)
        br_conf_words_addf (warnings, "%s/%s: %s", folder, name, error.text);
    free (json);
    free (name);
}

br_virtual_keys_t *
br_virtual_keys_new (const char *folder, br_conf_words_t *warnings, br_error_t *reterr)
{
    char *path = br_strf ("%s/virtual", folder);
    br_name_set_t *names = br_name_set_new ();
    int rc = br_name_set_read (names, path, ".json", reterr);
    free (path);
    br_virtual_keys_t *self = rc ? NULL : BR_NEW (br_virtual_keys_t);
    if (self) {
        self->ids = br_name_set_new ();
        self->keys = br_alloc (br_name_set_count (names) + 1, sizeof *self->keys);
        for (size_t i = 0; i < br_name_set_count (names); i++)
            s_add (self, folder, br_name_set_at (names, i), warnings);
    }
    br_name_set_destroy (&names);
    return self;
}

void
br_virtual_keys_destroy (br_virtual_keys_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_virtual_keys_t *self = *self_p;
    for (size_t i = 0; i < self->count; i++)
        br_virtual_key_destroy (&self->keys[i]);
    free (self->keys);
    br_name_set_destroy (&self->ids);
    free (self);
    *self_p = NULL;
}

size_t
br_virtual_keys_count (const br_virtual_keys_t *self)
{
    return self->count;
}

const br_virtual_key_t *
br_virtual_keys_at (const br_virtual_keys_t *self, size_t index)
{
    return index < self->count ? self->keys[index] : NULL;
}

static int
s_compare (const void *hash, const void *key)
{
    return strncmp (hash, (*(br_virtual_key_t *const *) key)->hash, 16);
}

const br_virtual_key_t *
br_virtual_keys_by_hash (const br_virtual_keys_t *self, const char *hash)
{
    br_virtual_key_t **key = self->count ? bsearch (hash, self->keys, self->count,
                                                    sizeof *self->keys, s_compare)
                                         : NULL;
    bool same = key && strlen (hash) == BR_VIRTUAL_HASH_ROOM - 1
                && sodium_memcmp ((*key)->hash, hash, BR_VIRTUAL_HASH_ROOM - 1) == 0;
    return same ? *key : NULL;
}

const br_virtual_key_t *
br_virtual_keys_find (const br_virtual_keys_t *self, const char *id, br_error_t *reterr)
{
    char hash[BR_VIRTUAL_HASH_ROOM];
    br_virtual_key_hash (id, hash);
    const br_virtual_key_t *key = br_virtual_keys_by_hash (self, hash);
    if (key)
        return key;
    if (br_virtual_key_is_like (id) && strlen (id) == BR_VIRTUAL_ROOM - 1) {
        br_error_set (reterr, BR_ENOTFOUND, "No such key");
        return NULL;
    }
    const char *name = br_name_set_find (self->ids, id, "key", reterr);
    for (size_t i = 0; name && i < self->count; i++)
        if (strcmp (self->keys[i]->id, name) == 0)
            return self->keys[i];
    return NULL;
}

//  ---- changes

static int
s_save (const char *folder, const br_virtual_key_t *key, br_error_t *reterr)
{
    char *name = br_strf ("virtual/%s.json", key->id);
    char *text = br_virtual_key_text (key);
    int rc = br_key_file_write (folder, name, text, reterr);
    free (text);
    free (name);
    return rc;
}

int
br_virtual_keys_make (const char *folder, br_virtual_key_t *key,
                      char ret_key[BR_VIRTUAL_ROOM], br_error_t *reterr)
{
    br_virtual_key_draw (key, ret_key);
    if (!*key->account) {
        free (key->account);
        key->account = br_strdup (key->id);
    }
    return s_save (folder, key, reterr);
}

int
br_virtual_keys_revoke (const char *folder, const br_virtual_key_t *key,
                        br_error_t *reterr)
{
    br_virtual_key_t *revoked = br_virtual_key_copy (key);
    revoked->revoked = true;
    int rc = s_save (folder, revoked, reterr);
    br_virtual_key_destroy (&revoked);
    return rc;
}

static int
s_replace (const char *folder, const br_virtual_key_t *old, const char *next_id,
           br_error_t *reterr)
{
    br_virtual_key_t *replaced = br_virtual_key_copy (old);
    replaced->revoked = true;
    memcpy (replaced->replaced_by, next_id, sizeof replaced->replaced_by);
    int rc = s_save (folder, replaced, reterr);
    br_virtual_key_destroy (&replaced);
    return rc;
}

int
br_virtual_keys_rotate (const char *folder, const br_virtual_key_t *old, uint64_t now_s,
                        char ret_key[BR_VIRTUAL_ROOM], br_virtual_key_t **ret_next,
                        br_error_t *reterr)
{
    if (old->revoked)
        return br_error_set (reterr, BR_ECONFLICT, "%s is revoked: it has no rights left",
                             old->id);
    br_virtual_key_t *next = br_virtual_key_copy (old);
    next->created_s = now_s;
    int rc = br_virtual_keys_make (folder, next, ret_key, reterr);
    if (rc == 0 && s_replace (folder, old, next->id, reterr)) {
        char *name = br_strf ("virtual/%s.json", next->id);
        br_key_file_remove (folder, name, NULL);
        free (name);
        rc = -1;
    }
    if (rc)
        br_virtual_key_destroy (&next);
    else
        *ret_next = next;
    return rc;
}
