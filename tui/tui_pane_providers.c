//  tui_pane_providers: providers and their endpoints: who is in use, how they do; models of
//  routes with their times; limits; hosts of the program itself.

#include <stdio.h>
#include <string.h>

#include "tui/tui_pane.h"
#include "tui/tui_text.h"

#define KEY_BYTES 224

static void
s_add_count (const cJSON *row, const char *name, tui_list_t *list)
{
    char word[TUI_WORD];
    uint64_t count = tui_json_count (row, name);
    tui_list_value (list, (double) count, tui_text_count (count, word));
}

static void
s_add_span (uint64_t ms, tui_list_t *list)
{
    char word[TUI_WORD];
    tui_list_value (list, (double) ms, ms ? tui_text_span (ms, word) : "");
}

//  ---- endpoints: of all routers together, with what the breaker says

static const tui_column_t s_endpoint_columns[] = {
    { "PROVIDER", 12, 2, 0, false }, { "ENDPOINT", 9, 1, 6, false },
    { "BREAKER", 9, 0, 0, false },   { "FOR", 7, 0, 3, true },
    { "OK", 6, 0, 2, true },         { "FAIL", 6, 0, 1, true },
    { "NOW", 4, 0, 5, true },        { "FIRST", 7, 0, 4, true },
    { "P50", 7, 0, 3, true },        { "P99", 7, 0, 3, true },
    { "WHY", 10, 3, 7, false },      { 0 },
};

static bool
s_is_same (const cJSON *a, const cJSON *b)
{
    return strcmp (tui_json_text (a, "provider"), tui_json_text (b, "provider")) == 0
           && strcmp (tui_json_text (a, "endpoint"), tui_json_text (b, "endpoint")) == 0;
}

//  The row of the breaker that says the most of an endpoint: its own, else that of a model
//  which is not closed.
static const cJSON *
s_breaker (const cJSON *breakers, const cJSON *endpoint)
{
    const cJSON *found = NULL;
    const cJSON *row;
    cJSON_ArrayForEach (row, breakers)
    {
        if (!s_is_same (row, endpoint))
            continue;
        bool is_open = strcmp (tui_json_text (row, "state"), "closed") != 0;
        if (!found || is_open)
            found = row;
        if (is_open && !*tui_json_text (row, "model"))
            break;
    }
    return found;
}

static void
s_add_latency (const tui_model_t *model, const cJSON *endpoint, tui_list_t *list)
{
    const tui_sum_t *sum = tui_sums_find (tui_model_sums (model, TUI_BY_PROVIDER),
                                          tui_json_text (endpoint, "provider"));
    static const unsigned s_percents[] = { 50, 99 };
    char word[TUI_WORD];
    for (size_t i = 0; i < sizeof s_percents / sizeof *s_percents; i++) {
        uint32_t ms = sum ? tui_sum_latency (sum, s_percents[i]) : 0;
        tui_list_value (list, ms, sum ? tui_text_span (ms, word) : "");
    }
}

static tui_style_t
s_breaker_style (const char *state)
{
    return strcmp (state, "open") == 0        ? TUI_BAD
           : strcmp (state, "half-open") == 0 ? TUI_WARN
                                              : TUI_GOOD;
}

//  The routers of all hosts count by themselves: the rows from first on are one endpoint's.
static void
s_add_endpoint (const tui_model_t *model, const cJSON *first, tui_list_t *list)
{
    const cJSON *breaker = s_breaker (tui_model_said (model, TUI_BREAKERS), first);
    const char *state = breaker ? tui_json_text (breaker, "state") : "closed";
    const char *of_model = tui_json_text (breaker, "model");
    static const char *const names[] = { "ok", "fail", "under_way" };
    uint64_t sums[3] = { 0 }, first_ms = 0;
    char key[KEY_BYTES], word[TUI_WORD];
    for (const cJSON *row = first; row; row = row->next) {
        if (!s_is_same (row, first))
            continue;
        for (size_t i = 0; i < 3; i++)
            sums[i] += tui_json_count (row, names[i]);
        uint64_t ms = tui_json_count (row, "first_ms");
        first_ms = ms > first_ms ? ms : first_ms;
    }
    snprintf (key, sizeof key, "%.100s/%.100s", tui_json_text (first, "provider"),
              tui_json_text (first, "endpoint"));
    tui_list_row (list, TUI_PLAIN, key);
    tui_list_text (list, tui_json_text (first, "provider"));
    tui_list_text (list, tui_json_text (first, "endpoint"));
    tui_list_text (list, state);
    tui_list_look (list, s_breaker_style (state));
    s_add_span (tui_json_count (breaker, "for_ms"), list);
    for (size_t i = 0; i < 3; i++)
        tui_list_value (list, (double) sums[i], tui_text_count (sums[i], word));
    s_add_span (first_ms, list);
    s_add_latency (model, first, list);
    tui_list_textf (list, "%s%s%s", of_model, *of_model ? ": " : "",
                    tui_json_text (breaker, "reason"));
}

static bool
s_was_before (const cJSON *rows, const cJSON *row)
{
    const cJSON *before;
    cJSON_ArrayForEach (before, rows)
    {
        if (before == row)
            return false;
        if (s_is_same (before, row))
            return true;
    }
    return false;
}

static void
s_fill_endpoints (const tui_model_t *model, tui_list_t *list)
{
    const cJSON *health = tui_model_said (model, TUI_HEALTH);
    const cJSON *row;
    cJSON_ArrayForEach (row, health)
    {
        if (!s_was_before (health, row))
            s_add_endpoint (model, row, list);
    }
}

//  ---- all that are configured, or could be

static const tui_column_t s_provider_columns[] = {
    { "PROVIDER", 16, 1, 0, false },
    { "STATE", 9, 0, 0, false },
    { "TO DO", 20, 2, 1, false },
    { 0 },
};

static void
s_fill_providers (const tui_model_t *model, tui_list_t *list)
{
    const cJSON *row;
    cJSON_ArrayForEach (row, tui_model_said (model, TUI_PROVIDERS))
    {
        bool is_active = tui_json_is (row, "active");
        tui_list_row (list, is_active ? TUI_PLAIN : TUI_DIM, tui_json_text (row, "name"));
        tui_list_text (list, tui_json_text (row, "name"));
        tui_list_value (list, !is_active, is_active ? "active" : "inactive");
        tui_list_look (list, is_active ? TUI_GOOD : TUI_DIM);
        tui_list_text (list, tui_json_text (row, "hint"));
    }
}

//  ---- models of routes, as the metrics know them

static const tui_column_t s_model_columns[] = {
    { "MODEL", 18, 3, 0, false },
    { "ROUTE", 12, 2, 3, false },
    { "CALLS", 7, 0, 1, true },
    { "ERRORS", 7, 0, 2, true },
    { "P50", 8, 0, 1, true },
    { "P99", 8, 0, 1, true },
    { 0 },
};

static void
s_add_models (const cJSON *route, tui_list_t *list)
{
    const cJSON *row;
    cJSON_ArrayForEach (row, tui_json (route, "by_endpoint"))
    {
        char key[KEY_BYTES];
        snprintf (key, sizeof key, "%.100s %.100s", row->string, route->string);
        tui_list_row (list, TUI_PLAIN, key);
        tui_list_text (list, row->string);
        tui_list_text (list, route->string);
        s_add_count (row, "total_requests", list);
        s_add_count (row, "total_errors", list);
        tui_list_look (list, tui_json_is (row, "total_errors") ? TUI_BAD : TUI_PLAIN);
        s_add_span (tui_json_count (row, "latency_p50_ms"), list);
        s_add_span (tui_json_count (row, "latency_p99_ms"), list);
    }
}

static void
s_fill_models (const tui_model_t *model, tui_list_t *list)
{
    const cJSON *route;
    cJSON_ArrayForEach (route, tui_json (tui_model_said (model, TUI_METRICS), "routes"))
        s_add_models (route, list);
}

//  ---- limits

static const tui_column_t s_limit_columns[] = {
    { "KIND", 9, 0, 1, false },
    { "KEY", 14, 1, 0, false },
    { "REQ LEFT", 9, 0, 0, true },
    { "OF A MIN", 9, 0, 2, true },
    { "TOKENS LEFT", 11, 0, 0, true },
    { "OF A MIN", 9, 0, 2, true },
    { "SLOTS", 6, 0, 3, true },
    { "OF", 5, 0, 3, true },
    { 0 },
};

static void
s_fill_limits (const tui_model_t *model, tui_list_t *list)
{
    static const char *const names[] = { "requests_left", "requests_per_minute",
                                         "tokens_left",   "tokens_per_minute",
                                         "slots_held",    "concurrency" };
    const cJSON *row;
    cJSON_ArrayForEach (row, tui_model_said (model, TUI_LIMITS))
    {
        char key[KEY_BYTES];
        snprintf (key, sizeof key, "%.60s %.150s", tui_json_text (row, "kind"),
                  tui_json_text (row, "key"));
        tui_list_row (list, TUI_PLAIN, key);
        tui_list_text (list, tui_json_text (row, "kind"));
        tui_list_text (list, tui_json_text (row, "key"));
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            s_add_count (row, names[i], list);
    }
}

//  ---- hosts

static const tui_column_t s_host_columns[] = {
    { "HOST", 10, 1, 0, false },   { "STATE", 8, 0, 0, false },
    { "PLACE", 8, 0, 3, false },   { "PID", 8, 0, 2, true },
    { "RESTARTS", 8, 0, 1, true }, { "MESSAGES", 9, 0, 1, true },
    { "LONGEST", 8, 0, 4, true },  { "SLOW", 6, 0, 5, true },
    { "ACTORS", 16, 3, 6, false }, { 0 },
};

static void
s_add_actors (const cJSON *host, tui_list_t *list)
{
    char line[KEY_BYTES];
    size_t size = 0;
    const cJSON *actor;
    *line = 0;
    cJSON_ArrayForEach (actor, tui_json (host, "actors"))
    {
        const char *name = cJSON_GetStringValue (actor);
        size_t room = sizeof line - size;
        int more = snprintf (line + size, room, "%s%s", size ? " " : "",
                             name ? name : "");
        if (more < 0 || (size_t) more >= room)
            break;
        size += (size_t) more;
    }
    tui_list_text (list, line);
}

static void
s_fill_hosts (const tui_model_t *model, tui_list_t *list)
{
    const cJSON *host;
    cJSON_ArrayForEach (host, tui_json (tui_model_said (model, TUI_SNAPSHOT), "hosts"))
    {
        const char *state = tui_json_text (host, "state");
        tui_list_row (list, TUI_PLAIN, tui_json_text (host, "name"));
        tui_list_text (list, tui_json_text (host, "name"));
        tui_list_text (list, state);
        tui_list_look (list, strcmp (state, "up") == 0 ? TUI_GOOD : TUI_BAD);
        tui_list_text (list, tui_json_text (host, "place"));
        tui_list_textf (list, "%.0f", tui_json_number (host, "pid"));
        s_add_count (host, "restarts", list);
        s_add_count (host, "messages", list);
        s_add_span (tui_json_count (host, "longest_handler_us") / 1000, list);
        s_add_count (host, "slow_handlers", list);
        s_add_actors (host, list);
    }
}

//  ---- the pane

static const tui_sheet_t s_endpoints = {
    .name = "endpoints",
    .columns = s_endpoint_columns,
    .empty = "No endpoint was asked yet; configured providers are in the next list.",
    .fill = s_fill_endpoints,
};

static const tui_sheet_t s_providers = {
    .name = "configured",
    .columns = s_provider_columns,
    .sort = 1,
    .empty = "Not known while the server does not answer.",
    .fill = s_fill_providers,
};

static const tui_sheet_t s_models = {
    .name = "models",
    .columns = s_model_columns,
    .sort = 2,
    .down = true,
    .empty = "No call was counted yet.",
    .fill = s_fill_models,
};

static const tui_sheet_t s_limits = {
    .name = "limits",
    .columns = s_limit_columns,
    .empty = "Nothing was limited lately.",
    .fill = s_fill_limits,
};

static const tui_sheet_t s_hosts = {
    .name = "hosts",
    .columns = s_host_columns,
    .empty = "Not known while the server does not answer.",
    .fill = s_fill_hosts,
};

const tui_pane_t tui_pane_providers = {
    .name = "Providers",
    .sheets = { &s_endpoints, &s_providers, &s_models, &s_limits, &s_hosts },
};
