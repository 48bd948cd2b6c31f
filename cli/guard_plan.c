//  guard_plan: the guard's slice, compiled as it is, and as it looks on behind a block.

#include <stdlib.h>
#include <string.h>

#include "broker/core/conf_builtin.h"
#include "broker/core/conf_words.h"
#include "cli/guard_plan.h"

//  In every map of a set, what blocks redacts.
static void
s_soften (cJSON *slice)
{
    cJSON *set, *map, *action;
    cJSON_ArrayForEach (set, cJSON_GetObjectItemCaseSensitive (slice, "sets"))
        cJSON_ArrayForEach (map, set)
    {
        if (!cJSON_IsObject (map))
            continue;
        cJSON_ArrayForEach (action, map)
        {
            if (cJSON_IsString (action) && strcmp (action->valuestring, "block") == 0)
                cJSON_SetValuestring (action, "redact");
        }
    }
}

//  The name that rules know a provider by, or NULL.
static const char *
s_provider (const br_conf_words_t *names, const br_conf_builtin_t *builtin,
            const char *given)
{
    for (size_t i = 0; i < br_conf_words_count (names); i++)
        if (strcmp (br_conf_words_at (names, i), given) == 0)
            return br_conf_words_at (names, i);
    return br_conf_builtin_by_alias (builtin, given);
}

//  A provider that nobody knows is under no rules, which would look as if all were well.
//  in:   *provider_p, as it was given. out: its own name; "owned by words"
static int
s_check_provider (const br_conf_t *conf, br_conf_words_t *words, const char **provider_p,
                  br_error_t *reterr)
{
    br_conf_builtin_t *builtin = br_conf_builtin_new (reterr);
    if (!builtin)
        return -1;
    for (size_t i = 0; br_conf_provider_names (conf, i); i++)
        br_conf_words_add_new (words, br_conf_provider_names (conf, i));
    for (size_t i = 0; br_conf_builtin_name (builtin, i); i++)
        br_conf_words_add_new (words, br_conf_builtin_name (builtin, i));
    const char *name = s_provider (words, builtin, *provider_p);
    int rc = 0;
    if (name) {
        br_conf_words_add_new (words, name);
        *provider_p = s_provider (words, builtin, name);
    } else {
        const char *near = br_conf_words_nearest (words, *provider_p);
        rc = br_error_set (reterr, BR_ENOTFOUND, "there is no provider \"%.60s\"%s%s%s",
                           *provider_p, near ? "; did you mean \"" : "", near ? near : "",
                           near ? "\"?" : "");
    }
    br_conf_builtin_destroy (&builtin);
    return rc;
}

static int
s_choose_sets (cli_guard_plan_t *self, const char *text, const char *key,
               const char *route, const char *provider, br_error_t *reterr)
{
    guard_scope_t *scope = guard_scope_new (text, reterr);
    if (!scope)
        return -1;
    self->sets = guard_scope_of (scope, key ? key : "", route ? route : "");
    if (provider)
        self->sets = guard_scope_for (scope, self->sets, provider);
    guard_scope_destroy (&scope);
    return 0;
}

int
cli_guard_plan_open (cli_guard_plan_t *self, const cli_t *cli, int *argc, char **argv)
{
    const char *key = cli_take_option (argc, argv, "--key");
    const char *route = cli_take_option (argc, argv, "--route");
    const char *provider = cli_take_option (argc, argv, "--provider");
    br_error_t error = { .code = BR_OK };
    *self = (cli_guard_plan_t) { .conf = br_conf_load (&cli->flags, &error) };
    if (!self->conf)
        return cli_fail ("%s", error.text);
    char *text = br_conf_slice (self->conf, "guard");
    int rc = text ? 0
                  : br_error_set (&error, BR_ECONFIG,
                                  "the built-in patterns cannot be read");
    if (rc == 0) {
        self->slice = cJSON_Parse (text);
        self->rules = guard_rules_new (text, &error);
        if (self->rules)
            self->tools = guard_tools_new (text, &error);
        rc = self->tools ? 0 : -1;
    }
    br_conf_words_t *names = br_conf_words_new ();
    if (rc == 0 && provider)
        rc = s_check_provider (self->conf, names, &provider, &error);
    if (rc == 0)
        rc = s_choose_sets (self, text, key, route, provider, &error);
    br_conf_words_destroy (&names);
    free (text);
    if (rc == 0)
        return CLI_OK;
    cli_guard_plan_close (self);
    return cli_fail ("%s", error.text);
}

void
cli_guard_plan_close (cli_guard_plan_t *self)
{
    guard_tools_destroy (&self->tools);
    guard_rules_destroy (&self->looking);
    guard_rules_destroy (&self->rules);
    cJSON_Delete (self->slice);
    self->slice = NULL;
    br_conf_destroy (&self->conf);
}

int
cli_guard_plan_look (cli_guard_plan_t *self, br_error_t *reterr)
{
    cJSON *soft = cJSON_Duplicate (self->slice, true);
    s_soften (soft);
    char *text = cJSON_PrintUnformatted (soft);
    self->looking = guard_rules_new (text, reterr);
    free (text);
    cJSON_Delete (soft);
    return self->looking ? 0 : -1;
}

static bool
s_is (const cJSON *object, const char *key, const char *text)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive (object, key);
    return cJSON_IsString (item) && strcmp (item->valuestring, text) == 0;
}

const char *
cli_guard_plan_check (const cli_guard_plan_t *self, unsigned pattern)
{
    const char *id = guard_rules_family (self->rules, pattern);
    const char *name = guard_rules_name (self->rules, pattern);
    const cJSON *family, *row;
    cJSON_ArrayForEach (family,
                        cJSON_GetObjectItemCaseSensitive (self->slice, "families"))
    {
        if (!s_is (family, "id", id))
            continue;
        const cJSON *rows = cJSON_GetObjectItemCaseSensitive (family, "patterns");
        cJSON_ArrayForEach (row, rows)
        {
            if (s_is (row, "name", name))
                return cJSON_GetStringValue (
                    cJSON_GetObjectItemCaseSensitive (row, "check"));
        }
    }
    return NULL;
}
