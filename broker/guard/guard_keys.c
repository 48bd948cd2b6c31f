//  guard_keys: keys of arguments, folded.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_value.h"
#include "broker/guard/guard_fold.h"
#include "broker/guard/guard_keys.h"

typedef struct {
    const char *text; //  borrowed; as it is written
    char *folded;     //  owned; "" = it is of marks alone
} row_t;

struct _guard_keys_t {
    row_t *rows; //  owned
    size_t count;
};

//  "caller frees"
static char *
s_fold (const char *text)
{
    char *folded = guard_fold_new (text, GUARD_FOLD_CASE, false);
    guard_fold_unmark (folded);
    return folded;
}

guard_keys_t *
guard_keys_new (const cJSON *list)
{
    guard_keys_t *self = BR_NEW (guard_keys_t);
    const cJSON *item;
    self->rows = br_alloc ((size_t) cJSON_GetArraySize (list) + 1, sizeof *self->rows);
    cJSON_ArrayForEach (item, list)
    {
        self->rows[self->count++] = (row_t) { .text = item->valuestring,
                                              .folded = s_fold (item->valuestring) };
    }
    return self;
}

void
guard_keys_destroy (guard_keys_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_keys_t *self = *self_p;
    while (self->count)
        free (self->rows[--self->count].folded);
    free (self->rows);
    free (self);
    *self_p = NULL;
}

static bool
s_has_folded (const guard_keys_t *self, const char *folded)
{
    for (size_t i = 0; *folded && i < self->count; i++)
        if (strcmp (self->rows[i].folded, folded) == 0)
            return true;
    return false;
}

bool
guard_keys_has (const guard_keys_t *self, const void *key, size_t size)
{
    for (size_t i = 0; i < self->count; i++)
        if (json_string_is (key, size, self->rows[i].text))
            return true;
    if (self->count == 0)
        return false;
    br_buf_t text;
    br_buf_init (&text, size + 1);
    bool has = false;
    if (json_string (key, size, &text, NULL) == 0) {
        char *folded = s_fold (br_buf_text (&text));
        has = s_has_folded (self, folded);
        free (folded);
    }
    br_buf_free (&text);
    return has;
}
