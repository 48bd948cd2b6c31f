//  claims: a table of claims, one row each, for reading; the writer knows the long names.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/caip.h"
#include "broker/identity/claims.h"
#include "broker/identity/glob_list.h"
#include "broker/identity/strict_json.h"

#define ID_MAX 256             //  bytes
#define TEXT_MAX (256u << 10)  //  bytes of claims that are written
#define NUSD_OF_MICRO_USD 1000 //  nano-USD

void
br_claims_destroy (br_claims_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_claims_t *self = *self_p;
    br_glob_list_destroy (&self->tools);
    br_glob_list_destroy (&self->models);
    free (self->id);
    free (self->address);
    free (self->chain);
    free (self->iss);
    free (self);
    *self_p = NULL;
}

//  ---- reading, claim by claim

typedef struct {
    br_claims_t *claims;
    const json_tree_t *tree;
    char *chain; //  as the token tells it, or NULL
    bool ranged; //  it has a budget_range
} reader_t;

typedef int (s_read_fn) (reader_t *self, const json_node_t *node);

static int
s_iss (reader_t *self, const json_node_t *node)
{
    char *iss = br_strict_text (self->tree, node, BR_CAIP10_ROOM - 1);
    char *account = NULL;
    bool known = iss
                 && (br_caip_has_namespace (iss, "solana")
                     || br_caip_has_namespace (iss, "eip155"));
    if (!known || br_caip10_canonical (iss, &account)) {
        free (iss);
        return -1;
    }
    const char *address = br_caip10_address (account);
    self->claims->iss = iss;
    self->claims->chain = br_strndup (account, (size_t) (address - 1 - account));
    self->claims->address = br_strdup (address);
    free (account);
    return 0;
}

static int
s_chain (reader_t *self, const json_node_t *node)
{
    self->chain = br_strict_text (self->tree, node, BR_CAIP2_ROOM - 1);
    return self->chain && br_caip2_is (self->chain) ? 0 : -1;
}

static int
s_iat (reader_t *self, const json_node_t *node)
{
    return br_strict_count (self->tree, node, &self->claims->iat);
}

//  Zero is long ago, and not "never", which is to say nothing.
static int
s_exp (reader_t *self, const json_node_t *node)
{
    int rc = br_strict_count (self->tree, node, &self->claims->exp);
    if (rc == 0 && self->claims->exp == 0)
        self->claims->exp = 1;
    return rc;
}

static int
s_id (reader_t *self, const json_node_t *node)
{
    self->claims->id = br_strict_text (self->tree, node, ID_MAX);
    return self->claims->id ? 0 : -1;
}

//  The place of a word among those that a claim may be, or -1.
static int
s_word (const reader_t *self, const json_node_t *node, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (json_node_is (self->tree, node, words[i]))
            return i;
    return -1;
}

static int
s_scope (reader_t *self, const json_node_t *node)
{
    static const char *const s_words[] = { "api", "admin", "adm", NULL };
    int word = s_word (self, node, s_words);
    self->claims->scope = word > 0 ? BR_SCOPE_ADMIN : BR_SCOPE_API;
    return word < 0 ? -1 : 0;
}

static int
s_models (reader_t *self, const json_node_t *node)
{
    return br_glob_list_read (self->tree, node, &self->claims->models);
}

static int
s_tools (reader_t *self, const json_node_t *node)
{
    return br_glob_list_read (self->tree, node, &self->claims->tools);
}

static int
s_budget (reader_t *self, const json_node_t *node)
{
    uint64_t micro_usd;
    if (br_strict_count (self->tree, node, &micro_usd)
        || micro_usd > INT64_MAX / NUSD_OF_MICRO_USD)
        return -1;
    self->claims->budgeted = true;
    self->claims->budget_nusd = micro_usd * NUSD_OF_MICRO_USD;
    return 0;
}

static int
s_budget_scope (reader_t *self, const json_node_t *node)
{
    static const char *const s_words[] = { "session", "ses", "account", "act", NULL };
    int word = s_word (self, node, s_words);
    self->claims->budget_scope = word > 1 ? BR_BUDGET_ACCOUNT : BR_BUDGET_SESSION;
    return word < 0 ? -1 : 0;
}

static int
s_budget_range (reader_t *self, const json_node_t *node)
{
    if (!br_strict_is_object (self->tree, node))
        return -1;
    static const char *const s_words[] = { "rounds", "duration", NULL };
    int word = s_word (self, json_get (self->tree, node, "type"), s_words);
    if (word < 0)
        return -1;
    const char *extent = word == 0 ? "count" : "seconds";
    self->ranged = true;
    self->claims->budget_range = word == 0 ? BR_BUDGET_ROUNDS : BR_BUDGET_DURATION;
    if (br_strict_count (self->tree, json_get (self->tree, node, extent),
                         &self->claims->budget_extent))
        return -1;
    return self->claims->budget_extent > 0 ? 0 : -1;
}

//  A restriction that nobody here would keep.
static int
s_policy (reader_t *self, const json_node_t *node)
{
    (void) self;
    (void) node;
    return -1;
}

static const struct {
    const char *name;
    const char *other_name; //  or NULL
    const char *about;      //  what it must be
    s_read_fn *read;
} s_rows[] = {
    { "iss", NULL, "an account of solana or eip155", s_iss },
    { "chain", NULL, "a chain", s_chain },
    { "iat", NULL, "a number of seconds", s_iat },
    { "exp", NULL, "a number of seconds", s_exp },
    { "id", "jti", "a short text", s_id },
    { "scope", "scp", "api or admin", s_scope },
    { "models", "mdl", "a list of globs", s_models },
    { "tools", "tls", "a list of globs", s_tools },
    { "budget", "bgt", "a number of micro-USD", s_budget },
    { "budget_scope", "bsc", "session or account", s_budget_scope },
    { "budget_range", "brg", "so many rounds, or seconds", s_budget_range },
    { "pol", NULL, "absent: policies in tokens are not known here", s_policy },
};

static int
s_read_row (reader_t *self, const json_node_t *root, size_t row, br_error_t *reterr)
{
    const json_node_t *node = json_get (self->tree, root, s_rows[row].name);
    const json_node_t *other = s_rows[row].other_name
                                   ? json_get (self->tree, root, s_rows[row].other_name)
                                   : NULL;
    if (node && other)
        return br_error_set (reterr, BR_EAUTH, "the token says %s twice, also as %s",
                             s_rows[row].name, s_rows[row].other_name);
    if (!node)
        node = other;
    if (node && s_rows[row].read (self, node))
        return br_error_set (reterr, BR_EAUTH, "the token's claim %s must be %s",
                             s_rows[row].name, s_rows[row].about);
    return 0;
}

//  What must be so among them.
static int
s_check (const reader_t *self, br_error_t *reterr)
{
    const br_claims_t *claims = self->claims;
    if (!claims->iss)
        return br_error_set (reterr, BR_EAUTH, "the token names no issuer");
    if (self->chain && strcmp (self->chain, claims->chain) != 0)
        return br_error_set (reterr, BR_EAUTH,
                             "the token's chain is not that of its issuer");
    if (self->ranged && !claims->budgeted)
        return br_error_set (reterr, BR_EAUTH,
                             "the token has a budget_range without a budget");
    return 0;
}

br_claims_t *
br_claims_read (const char *json, size_t size, br_error_t *reterr)
{
    json_tree_t *tree = json_tree_new ();
    reader_t reader = { .claims = BR_NEW (br_claims_t), .tree = tree };
    const json_node_t *root = br_strict_parse (tree, json, size, NULL);
    int rc = 0;
    if (!root)
        rc = br_error_set (reterr, BR_EAUTH,
                           "the token's claims are no JSON object with each member once");
    for (size_t i = 0; rc == 0 && i < sizeof s_rows / sizeof *s_rows; i++)
        rc = s_read_row (&reader, root, i, reterr);
    if (rc == 0)
        rc = s_check (&reader, reterr);
    free (reader.chain);
    json_tree_destroy (&tree);
    if (rc)
        br_claims_destroy (&reader.claims);
    return reader.claims;
}

//  ---- writing

static void
s_write_budget (const br_claims_t *self, json_writer_t *writer)
{
    json_put_integer (writer, "budget",
                      (int64_t) (self->budget_nusd / NUSD_OF_MICRO_USD));
    json_put_string (writer, "budget_scope",
                     self->budget_scope == BR_BUDGET_ACCOUNT ? "account" : "session");
    if (self->budget_range == BR_BUDGET_ALL)
        return;
    bool rounds = self->budget_range == BR_BUDGET_ROUNDS;
    json_open (writer, "budget_range", '{');
    json_put_string (writer, "type", rounds ? "rounds" : "duration");
    json_put_integer (writer, rounds ? "count" : "seconds",
                      (int64_t) self->budget_extent);
    json_close (writer, '}');
}

char *
br_claims_text (const br_claims_t *self, br_error_t *reterr)
{
    if (self->budgeted && self->budget_nusd % NUSD_OF_MICRO_USD) {
        br_error_set (reterr, BR_EINVALID, "a token's budget is in whole micro-USD");
        return NULL;
    }
    br_buf_t text;
    br_buf_init (&text, TEXT_MAX);
    json_writer_t writer = json_writer (&text);
    json_open (&writer, NULL, '{');
    json_put_string (&writer, "iss", self->iss);
    json_put_string (&writer, "chain", self->chain);
    if (self->iat)
        json_put_integer (&writer, "iat", (int64_t) self->iat);
    if (self->exp)
        json_put_integer (&writer, "exp", (int64_t) self->exp);
    json_put_string (&writer, "scope", self->scope == BR_SCOPE_ADMIN ? "admin" : "api");
    if (self->models && *self->models)
        br_glob_list_write (self->models, &writer, "models");
    if (self->tools && *self->tools)
        br_glob_list_write (self->tools, &writer, "tools");
    if (self->budgeted)
        s_write_budget (self, &writer);
    if (self->id)
        json_put_string (&writer, "id", self->id);
    json_close (&writer, '}');
    char *copy = text.overflow ? NULL : br_strdup (br_buf_text (&text));
    br_buf_free (&text);
    if (!copy)
        br_error_set (reterr, BR_EINVALID, "the token would be too long");
    return copy;
}
