//  tui_pane_routes: the names that clients may ask for, and where each leads.

#include <stdio.h>
#include <string.h>

#include "tui/tui_pane.h"
#include "tui/tui_text.h"

#define LINE_BYTES 480

static const tui_column_t s_columns[] = {
    { "ROUTE", 14, 1, 0, false },
    { "STRATEGY", 12, 0, 2, false },
    { "CALLS", 6, 0, 3, true },
    { "ERRORS", 6, 0, 4, true },
    { "SOURCE", 8, 0, 5, false },
    { "ENDPOINTS", 20, 4, 0, false },
    { 0 },
};

static void
s_add_endpoints (const cJSON *route, tui_list_t *list)
{
    char line[LINE_BYTES] = "";
    size_t size = 0;
    const cJSON *endpoint;
    cJSON_ArrayForEach (endpoint, tui_json (route, "endpoints"))
    {
        size_t room = sizeof line - size;
        int more = snprintf (line + size, room, "%s%s:%s", size ? ", " : "",
                             tui_json_text (endpoint, "provider"),
                             tui_json_text (endpoint, "service_id"));
        if (more < 0 || (size_t) more >= room)
            break;
        size += (size_t) more;
    }
    tui_list_text (list, line);
}

static void
s_fill (const tui_model_t *model, tui_list_t *list)
{
    static const char *const counts[] = { "total_requests", "total_errors" };
    const cJSON *figures = tui_json (tui_model_said (model, TUI_METRICS), "routes");
    const cJSON *route;
    cJSON_ArrayForEach (route, tui_model_said (model, TUI_ROUTES))
    {
        const char *name = tui_json_text (route, "name");
        const char *source = tui_json_text (route, "source");
        const cJSON *figure = tui_json (figures, name);
        tui_list_row (list, TUI_PLAIN, name);
        tui_list_text (list, name);
        tui_list_text (list, tui_json_text (route, "strategy"));
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
            char word[TUI_WORD];
            uint64_t count = tui_json_count (figure, counts[i]);
            tui_list_value (list, (double) count, tui_text_count (count, word));
        }
        tui_list_text (list, source);
        tui_list_look (list, strcmp (source, "dynamic") == 0 ? TUI_GOOD : TUI_PLAIN);
        s_add_endpoints (route, list);
    }
}

static void
s_detail (const tui_model_t *model, const char *key, tui_list_t *list)
{
    const cJSON *route;
    cJSON_ArrayForEach (route, tui_model_said (model, TUI_ROUTES))
    {
        if (strcmp (tui_json_text (route, "name"), key) != 0)
            continue;
        tui_list_row (list, TUI_BOLD, "name");
        tui_list_text (list, "route");
        tui_list_textf (list, "%s  (%s)  [%s]", key, tui_json_text (route, "strategy"),
                        tui_json_text (route, "source"));
        unsigned number = 0;
        const cJSON *endpoint;
        cJSON_ArrayForEach (endpoint, tui_json (route, "endpoints"))
        {
            char word[TUI_WORD];
            snprintf (word, sizeof word, "endpoint %u", ++number);
            tui_list_row (list, TUI_PLAIN, word);
            tui_list_text (list, word);
            tui_list_textf (list, "%s:%s", tui_json_text (endpoint, "provider"),
                            tui_json_text (endpoint, "service_id"));
        }
    }
}

static const tui_sheet_t s_routes = {
    .name = "routes",
    .columns = s_columns,
    .empty = "No routes are configured: ask for PROVIDER:MODEL, or add one with "
             "`bitrouter route add`.",
    .fill = s_fill,
    .detail = s_detail,
};

const tui_pane_t tui_pane_routes = {
    .name = "Routes",
    .sheets = { &s_routes },
};
