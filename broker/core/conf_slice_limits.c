//  conf_slice_limits: how much callers, models and providers may use. The most exact glob
//  of a model counts, so a row that limits nothing is there too: it frees what a wider one
//  would limit.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_state.h"

//  One row, before it has its place.
typedef struct {
    const char *glob;           //  borrowed
    const br_conf_rate_t *rate; //  borrowed
    size_t index;               //  as written
} limit_row_t;

typedef struct {
    limit_row_t *rows; //  owned
    size_t count;
} limit_rows_t;

bool
br_conf_state_is_limit (const br_conf_rate_t *rate)
{
    return rate
           && ((rate->requests_per_minute && *rate->requests_per_minute)
               || (rate->tokens_per_minute && *rate->tokens_per_minute)
               || (rate->concurrency && *rate->concurrency));
}

static void
s_add_whole (cJSON *object, const char *key, const uint64_t *value)
{
    cJSON_AddNumberToObject (object, key, value ? (double) *value : 0);
}

static void
s_add_rate (cJSON *object, const br_conf_rate_t *rate)
{
    static const br_conf_rate_t s_unset = { NULL, NULL, NULL };
    rate = rate ? rate : &s_unset;
    s_add_whole (object, "requests_per_minute", rate->requests_per_minute);
    s_add_whole (object, "tokens_per_minute", rate->tokens_per_minute);
    s_add_whole (object, "concurrency", rate->concurrency);
}

//  ---- order

//  How much of a glob is written out; more than any glob when all of it is.
static size_t
s_exactness (const char *glob)
{
    return strchr (glob, '*') ? strlen (glob) : SIZE_MAX;
}

static int
s_compare (const void *one, const void *two)
{
    const limit_row_t *a = one;
    const limit_row_t *b = two;
    size_t exact_a = s_exactness (a->glob);
    size_t exact_b = s_exactness (b->glob);
    if (exact_a != exact_b)
        return exact_a > exact_b ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

static void
s_add_row (limit_rows_t *self, const char *glob, const br_conf_rate_t *rate)
{
    self->rows = br_realloc (self->rows, (self->count + 1) * sizeof *self->rows);
    self->rows[self->count] = (limit_row_t) { glob, rate, self->count };
    self->count++;
}

//  Adds the rows to a list in their order, and forgets them. provider is NULL for rows of
//  no provider.
static void
s_end_rows (limit_rows_t *self, cJSON *list, const char *provider, bool with_rates)
{
    if (self->count)
        qsort (self->rows, self->count, sizeof *self->rows, s_compare);
    for (size_t i = 0; i < self->count; i++) {
        const limit_row_t *row = &self->rows[i];
        if (!with_rates && !br_conf_state_is_limit (row->rate))
            continue;
        cJSON *item = cJSON_CreateObject ();
        if (provider)
            cJSON_AddStringToObject (item, "provider", provider);
        cJSON_AddStringToObject (item, "glob", row->glob);
        if (with_rates)
            s_add_rate (item, row->rate);
        cJSON_AddItemToArray (list, item);
    }
    free (self->rows);
    *self = (limit_rows_t) { .rows = NULL };
}

//  ---- providers

//  The provider's own name of a model that its catalogue has; else the glob as it is.
static const char *
s_own_name (const br_conf_provider_t *provider, const char *glob)
{
    const br_conf_model_t *model = br_conf_state_model (provider, glob);
    return model && model->provider_model_id ? model->provider_model_id : glob;
}

//  Of a model's rows, "*" means the model.
static void
s_add_model_rows (limit_rows_t *rows, const br_conf_provider_t *provider,
                  const br_conf_model_t *model)
{
    for (unsigned i = 0; i < model->rate_limits_count; i++) {
        const br_conf_rate_limit_t *limit = &model->rate_limits[i];
        bool is_all = strcmp (limit->id, "*") == 0;
        s_add_row (rows, s_own_name (provider, is_all ? model->id : limit->id),
                   &limit->rate);
    }
}

cJSON *
br_conf_state_provider_limits (const br_conf_t *self, bool with_rates)
{
    cJSON *list = cJSON_CreateArray ();
    for (unsigned i = 0; i < self->root->providers_count; i++) {
        const br_conf_provider_t *provider = &self->root->providers[i];
        if (!br_conf_state_is_active (provider))
            continue;
        limit_rows_t rows = { .rows = NULL };
        for (unsigned j = 0; j < provider->models_count; j++)
            s_add_model_rows (&rows, provider, &provider->models[j]);
        for (unsigned j = 0; j < provider->rate_limits_count; j++)
            s_add_row (&rows, s_own_name (provider, provider->rate_limits[j].id),
                       &provider->rate_limits[j].rate);
        s_end_rows (&rows, list, provider->id, with_rates);
    }
    return list;
}

//  ---- the whole

cJSON *
br_conf_slice_limits (const br_conf_t *self)
{
    const br_conf_limits_t *limits = self->root->limits;
    cJSON *slice = cJSON_CreateObject ();
    cJSON *callers = cJSON_AddObjectToObject (slice, "callers");
    s_add_rate (callers, limits ? limits->callers : NULL);
    cJSON *models = cJSON_AddArrayToObject (slice, "models");
    limit_rows_t rows = { .rows = NULL };
    for (unsigned i = 0; limits && i < limits->models_count; i++)
        s_add_row (&rows, limits->models[i].id, &limits->models[i].rate);
    s_end_rows (&rows, models, NULL, true);
    cJSON_AddItemToObject (slice, "providers",
                           br_conf_state_provider_limits (self, true));
    return slice;
}
