//  guard_scope: a set is a row of lists of words, and what its strictest rule does.

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/glob.h"
#include "broker/guard/guard_scope.h"
#include "broker/guard/guard_words.h"

#define WORDS_MAX 4096 //  of one list

typedef struct {
    char **words; //  owned, as each of them
    size_t size;  //  0 = all
} list_t;

typedef enum {
    KEYS,
    ROUTES,
    PROVIDERS,
    LISTS
} list_kind_t;

typedef struct {
    list_t lists[LISTS];
    guard_action_t strictest[GUARD_DIRECTIONS];
    bool is_closed[GUARD_DIRECTIONS]; //  some rule fails closed
} set_t;

struct _guard_scope_t {
    set_t *sets;
    size_t size;
    bool has_tools;
    char *digest; //  or NULL
};

static const char *const s_lists[LISTS] = {
    [KEYS] = "keys", [ROUTES] = "routes", [PROVIDERS] = "providers"
};

static const char *const s_customs[GUARD_DIRECTIONS] = {
    [GUARD_UP] = "custom_upgoing", [GUARD_DOWN] = "custom_downgoing"
};

void
guard_scope_destroy (guard_scope_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    for (size_t i = 0; i < (*self_p)->size; i++)
        for (int kind = 0; kind < LISTS; kind++) {
            list_t *list = &(*self_p)->sets[i].lists[kind];
            for (size_t k = 0; k < list->size; k++)
                free (list->words[k]);
            free (list->words);
        }
    free ((*self_p)->sets);
    free ((*self_p)->digest);
    free (*self_p);
    *self_p = NULL;
}

//  ---- reading

//  An empty list means all, as one that is absent does.
static int
s_read_list (list_t *list, const cJSON *node, const char *name, br_error_t *reterr)
{
    if (!node || cJSON_IsNull (node))
        return 0;
    if (!cJSON_IsArray (node))
        return br_error_set (reterr, BR_ECONFIG, "guard: sets: %s is no list", name);
    for (const cJSON *word = node->child; word; word = word->next) {
        if (!cJSON_IsString (word) || list->size == WORDS_MAX)
            return br_error_set (reterr, BR_ECONFIG,
                                 "guard: sets: %s must be a list of at most %d texts",
                                 name, WORDS_MAX);
        list->words = br_realloc (list->words, (list->size + 1) * sizeof *list->words);
        list->words[list->size++] = br_strdup (word->valuestring);
    }
    return 0;
}

static int
s_raise (guard_action_t *action, const cJSON *word, br_error_t *reterr)
{
    guard_action_t said;
    if (cJSON_IsString (word) && guard_action_of (word->valuestring, &said) == 0) {
        if (said > *action)
            *action = said;
        return 0;
    }
    return br_error_set (reterr, BR_ECONFIG,
                         "guard: sets: an action must be off, warn, redact or block");
}

//  Where nobody said it, the strictest is what follows from the rows of the rules.
static int
s_read_strictest (set_t *set, const cJSON *node, int direction, br_error_t *reterr)
{
    const cJSON *said = cJSON_GetObjectItemCaseSensitive (node, "strictest");
    if (said) {
        const cJSON *word = cJSON_GetObjectItemCaseSensitive (
            said, guard_direction_name (direction));
        return word ? s_raise (&set->strictest[direction], word, reterr) : 0;
    }
    const char *const names[] = { guard_direction_name (direction),
                                  s_customs[direction] };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const cJSON *rows = cJSON_GetObjectItemCaseSensitive (node, names[i]);
        for (const cJSON *row = rows ? rows->child : NULL; row; row = row->next)
            if (s_raise (&set->strictest[direction], row, reterr))
                return -1;
    }
    return 0;
}

static int
s_read_fail (set_t *set, const cJSON *node, int direction, br_error_t *reterr)
{
    const cJSON *said = cJSON_GetObjectItemCaseSensitive (
        cJSON_GetObjectItemCaseSensitive (node, "fail_open"),
        guard_direction_name (direction));
    if (said && !cJSON_IsBool (said))
        return br_error_set (reterr, BR_ECONFIG,
                             "guard: sets: fail_open must be true or false each way");
    set->is_closed[direction] = said ? cJSON_IsFalse (said)
                                     : set->strictest[direction] >= GUARD_REDACT;
    return 0;
}

static int
s_read_set (set_t *set, const cJSON *node, br_error_t *reterr)
{
    if (!cJSON_IsObject (node))
        return br_error_set (reterr, BR_ECONFIG, "guard: a set is no object");
    for (int kind = 0; kind < LISTS; kind++) {
        const cJSON *list = cJSON_GetObjectItemCaseSensitive (node, s_lists[kind]);
        if (s_read_list (&set->lists[kind], list, s_lists[kind], reterr))
            return -1;
    }
    for (int direction = 0; direction < GUARD_DIRECTIONS; direction++)
        if (s_read_strictest (set, node, direction, reterr)
            || s_read_fail (set, node, direction, reterr))
            return -1;
    return 0;
}

static int
s_read (guard_scope_t *self, const cJSON *root, br_error_t *reterr)
{
    if (!cJSON_IsObject (root))
        return br_error_set (reterr, BR_ECONFIG, "guard: the slice is no object");
    const cJSON *sets = cJSON_GetObjectItemCaseSensitive (root, "sets");
    const cJSON *tools = cJSON_GetObjectItemCaseSensitive (root, "tools");
    const cJSON *digest = cJSON_GetObjectItemCaseSensitive (root, "digest");
    if (cJSON_IsString (digest))
        self->digest = br_strdup (digest->valuestring);
    self->has_tools = cJSON_IsTrue (tools) || (cJSON_IsObject (tools) && tools->child);
    if (!sets)
        return 0;
    int count = cJSON_GetArraySize (sets);
    if (!cJSON_IsArray (sets) || count > GUARD_SETS_MAX)
        return br_error_set (reterr, BR_ECONFIG,
                             "guard: sets must be a list of at most %d", GUARD_SETS_MAX);
    self->sets = br_alloc ((size_t) count + 1, sizeof *self->sets);
    for (const cJSON *node = sets->child; node; node = node->next)
        if (s_read_set (&self->sets[self->size++], node, reterr))
            return -1;
    return 0;
}

guard_scope_t *
guard_scope_new (const char *slice, br_error_t *reterr)
{
    guard_scope_t *self = BR_NEW (guard_scope_t);
    cJSON *root = cJSON_Parse (slice);
    int rc = s_read (self, root, reterr);
    cJSON_Delete (root);
    if (rc)
        guard_scope_destroy (&self);
    return self;
}

//  ---- asking

static bool
s_has (const list_t *list, const char *name)
{
    for (size_t i = 0; i < list->size; i++)
        if (br_glob_fits (list->words[i], name))
            return true;
    return list->size == 0;
}

guard_sets_t
guard_scope_of (const guard_scope_t *self, const char *key, const char *route)
{
    guard_sets_t sets = 0;
    for (size_t i = 0; i < self->size; i++)
        if (s_has (&self->sets[i].lists[KEYS], key)
            && s_has (&self->sets[i].lists[ROUTES], route))
            sets |= (guard_sets_t) 1 << i;
    return sets;
}

guard_sets_t
guard_scope_for (const guard_scope_t *self, guard_sets_t sets, const char *provider)
{
    for (size_t i = 0; i < self->size; i++)
        if (!s_has (&self->sets[i].lists[PROVIDERS], provider))
            sets &= ~((guard_sets_t) 1 << i);
    return sets;
}

bool
guard_scope_has_tools (const guard_scope_t *self)
{
    return self->has_tools;
}

const char *
guard_scope_digest (const guard_scope_t *self)
{
    return self->digest ? self->digest : "";
}

guard_action_t
guard_scope_strictest (const guard_scope_t *self, guard_sets_t sets,
                       guard_direction_t direction)
{
    guard_action_t strictest = GUARD_OFF;
    for (size_t i = 0; i < self->size; i++)
        if (sets >> i & 1 && self->sets[i].strictest[direction] > strictest)
            strictest = self->sets[i].strictest[direction];
    return strictest;
}

bool
guard_scope_is_open (const guard_scope_t *self, guard_sets_t sets,
                     guard_direction_t direction)
{
    for (size_t i = 0; i < self->size; i++)
        if (sets >> i & 1 && self->sets[i].is_closed[direction])
            return false;
    return true;
}
