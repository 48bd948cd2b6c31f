//  virtual_key: its secret, its hash and its file.

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/glob_list.h"
#include "broker/identity/strict_json.h"
#include "broker/identity/virtual_key.h"

#define SECRET_BYTES 32
#define HASH_BYTES 32
#define ID_PREFIX BR_VIRTUAL_PREFIX "id_"
#define ID_DIGITS 16 //  of the hash, in an id
#define TEXT_MAX 256 //  bytes of account and label

br_virtual_key_t *
br_virtual_key_new (void)
{
    br_virtual_key_t *self = BR_NEW (br_virtual_key_t);
    self->account = br_strdup ("");
    self->label = br_strdup ("");
    return self;
}

void
br_virtual_key_destroy (br_virtual_key_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_virtual_key_t *self = *self_p;
    br_glob_list_destroy (&self->tools);
    br_glob_list_destroy (&self->models);
    free (self->label);
    free (self->account);
    free (self);
    *self_p = NULL;
}

br_virtual_key_t *
br_virtual_key_copy (const br_virtual_key_t *self)
{
    br_virtual_key_t *copy = BR_NEW (br_virtual_key_t);
    *copy = *self;
    copy->account = br_strdup (self->account);
    copy->label = br_strdup (self->label);
    copy->models = br_glob_list_copy (self->models);
    copy->tools = br_glob_list_copy (self->tools);
    return copy;
}

//  ---- secrets

static void
s_set_id (br_virtual_key_t *self)
{
    memcpy (self->id, ID_PREFIX, sizeof ID_PREFIX - 1);
    memcpy (self->id + sizeof ID_PREFIX - 1, self->hash, ID_DIGITS);
    self->id[sizeof ID_PREFIX - 1 + ID_DIGITS] = 0;
}

void
br_virtual_key_draw (br_virtual_key_t *self, char ret_key[BR_VIRTUAL_ROOM])
{
    uint8_t secret[SECRET_BYTES];
    size_t prefix = sizeof BR_VIRTUAL_PREFIX - 1;
    randombytes_buf (secret, sizeof secret);
    memcpy (ret_key, BR_VIRTUAL_PREFIX, prefix);
    sodium_bin2base64 (ret_key + prefix, BR_VIRTUAL_ROOM - prefix, secret, sizeof secret,
                       sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero (secret, sizeof secret);
    br_virtual_key_hash (ret_key, self->hash);
    s_set_id (self);
}

bool
br_virtual_key_is_like (const char *text)
{
    return strncmp (text, BR_VIRTUAL_PREFIX, sizeof BR_VIRTUAL_PREFIX - 1) == 0;
}

void
br_virtual_key_hash (const char *key, char ret_hash[BR_VIRTUAL_HASH_ROOM])
{
    uint8_t hash[HASH_BYTES];
    crypto_hash_sha256 (hash, (const uint8_t *) key, strlen (key));
    sodium_bin2hex (ret_hash, BR_VIRTUAL_HASH_ROOM, hash, sizeof hash);
}

//  ---- reading

static const char *const s_scopes[] = { "api", "admin", NULL };
static const char *const s_budget_scopes[] = { "session", "account", NULL };
static const char *const s_budget_ranges[] = { "all", "rounds", "duration", NULL };

typedef struct {
    const json_tree_t *tree;
    const json_node_t *root;
    const char *wrong; //  the first member that is, or NULL
} reader_t;

//  A member, or NULL; one that must be there and is not is wrong.
static const json_node_t *
s_member (reader_t *self, const char *name, bool must)
{
    const json_node_t *node = json_get (self->tree, self->root, name);
    if (!node && must && !self->wrong)
        self->wrong = name;
    return node;
}

static void
s_fail (reader_t *self, const char *name)
{
    if (!self->wrong)
        self->wrong = name;
}

static unsigned
s_word (reader_t *self, const char *name, const char *const *words)
{
    const json_node_t *node = s_member (self, name, true);
    unsigned word = 0;
    while (words[word] && !json_node_is (self->tree, node, words[word]))
        word++;
    if (!words[word])
        s_fail (self, name);
    return word;
}

static uint64_t
s_count (reader_t *self, const char *name)
{
    const json_node_t *node = s_member (self, name, false);
    uint64_t number = 0;
    if (node && br_strict_count (self->tree, node, &number))
        s_fail (self, name);
    return number;
}

static void
s_text (reader_t *self, const char *name, char **text)
{
    const json_node_t *node = s_member (self, name, true);
    char *given = br_strict_text (self->tree, node, TEXT_MAX);
    if (!given && !json_node_is (self->tree, node, ""))
        s_fail (self, name);
    if (!given)
        return;
    free (*text);
    *text = given;
}

static void
s_list (reader_t *self, const char *name, char ***list)
{
    if (br_glob_list_read (self->tree, s_member (self, name, true), list))
        s_fail (self, name);
}

static void
s_budget (reader_t *self, br_virtual_key_t *key)
{
    key->budgeted = s_member (self, "budget_nusd", false) != NULL;
    if (!key->budgeted)
        return;
    key->budget_nusd = s_count (self, "budget_nusd");
    key->budget_scope = (br_budget_scope_t) s_word (self, "budget_scope",
                                                    s_budget_scopes);
    key->budget_range = (br_budget_range_t) s_word (self, "budget_range",
                                                    s_budget_ranges);
    key->budget_extent = s_count (self, "budget_extent");
    if (key->budget_range != BR_BUDGET_ALL && key->budget_extent == 0)
        s_fail (self, "budget_extent");
}

static void
s_hash (reader_t *self, br_virtual_key_t *key)
{
    char *hash = br_strict_text (self->tree, s_member (self, "hash", true),
                                 BR_VIRTUAL_HASH_ROOM - 1);
    if (hash && strspn (hash, "0123456789abcdef") == BR_VIRTUAL_HASH_ROOM - 1) {
        memcpy (key->hash, hash, BR_VIRTUAL_HASH_ROOM);
        s_set_id (key);
    } else
        s_fail (self, "hash");
    free (hash);
}

//  A key is refused unless the file says plainly that it is not revoked.
static void
s_end (reader_t *self, br_virtual_key_t *key)
{
    const json_node_t *node = s_member (self, "revoked", true);
    if (!json_is (node, JSON_BOOL))
        s_fail (self, "revoked");
    key->revoked = json_node_bool (self->tree, node, true);
    node = s_member (self, "replaced_by", false);
    char *next = br_strict_text (self->tree, node, BR_VIRTUAL_ID_ROOM - 1);
    if (next)
        strcpy (key->replaced_by, next);
    else if (node)
        s_fail (self, "replaced_by");
    free (next);
}

br_virtual_key_t *
br_virtual_key_read (const char *json, size_t size, br_error_t *reterr)
{
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = br_strict_parse (tree, json, size, reterr);
    if (!root) {
        json_tree_destroy (&tree);
        return NULL;
    }
    reader_t reader = { .tree = tree, .root = root };
    br_virtual_key_t *self = br_virtual_key_new ();
    s_hash (&reader, self);
    s_text (&reader, "account", &self->account);
    s_text (&reader, "label", &self->label);
    self->scope = (br_scope_t) s_word (&reader, "scope", s_scopes);
    s_list (&reader, "models", &self->models);
    s_list (&reader, "tools", &self->tools);
    s_budget (&reader, self);
    self->requests_per_minute = s_count (&reader, "requests_per_minute");
    self->tokens_per_minute = s_count (&reader, "tokens_per_minute");
    self->concurrency = s_count (&reader, "concurrency");
    self->created_s = s_count (&reader, "created_s");
    self->expires_s = s_count (&reader, "expires_s");
    s_end (&reader, self);
    if (!*self->account)
        s_fail (&reader, "account");
    json_tree_destroy (&tree);
    if (!reader.wrong)
        return self;
    br_virtual_key_destroy (&self);
    br_error_set (reterr, BR_EINVALID, "%s is missing or wrong", reader.wrong);
    return NULL;
}

//  ---- writing

static void
s_write_budget (const br_virtual_key_t *self, json_writer_t *writer)
{
    json_put_integer (writer, "budget_nusd", (int64_t) self->budget_nusd);
    json_put_string (writer, "budget_scope", s_budget_scopes[self->budget_scope]);
    json_put_string (writer, "budget_range", s_budget_ranges[self->budget_range]);
    json_put_integer (writer, "budget_extent", (int64_t) self->budget_extent);
}

char *
br_virtual_key_text (const br_virtual_key_t *self)
{
    br_buf_t text;
    br_buf_init (&text, BR_VIRTUAL_FILE_MAX);
    json_writer_t writer = json_writer (&text);
    json_open (&writer, NULL, '{');
    json_put_string (&writer, "hash", self->hash);
    json_put_string (&writer, "account", self->account);
    json_put_string (&writer, "label", self->label);
    json_put_string (&writer, "scope", s_scopes[self->scope]);
    br_glob_list_write (self->models, &writer, "models");
    br_glob_list_write (self->tools, &writer, "tools");
    if (self->budgeted)
        s_write_budget (self, &writer);
    json_put_integer (&writer, "requests_per_minute",
                      (int64_t) self->requests_per_minute);
    json_put_integer (&writer, "tokens_per_minute", (int64_t) self->tokens_per_minute);
    json_put_integer (&writer, "concurrency", (int64_t) self->concurrency);
    json_put_integer (&writer, "created_s", (int64_t) self->created_s);
    json_put_integer (&writer, "expires_s", (int64_t) self->expires_s);
    json_put_bool (&writer, "revoked", self->revoked);
    if (*self->replaced_by)
        json_put_string (&writer, "replaced_by", self->replaced_by);
    json_close (&writer, '}');
    br_buf_addc (&text, '\n');
    char *copy = br_strdup (br_buf_text (&text));
    br_buf_free (&text);
    return copy;
}
