//  tui_pane_guard: what guardrails found: one by one, and counted.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tui/tui_pane.h"
#include "tui/tui_text.h"

static tui_style_t
s_style (const char *action)
{
    return strcmp (action, "block") == 0 ? TUI_BAD : TUI_WARN;
}

//  ---- findings

static const tui_column_t s_columns[] = {
    { "TIME", 8, 0, 1, false },    { "ACTION", 7, 0, 0, false },
    { "FAMILY", 12, 1, 0, false }, { "FOUND", 12, 2, 2, false },
    { "TIMES", 5, 0, 3, true },    { "DIRECTION", 9, 0, 4, false },
    { "PLACE", 14, 1, 5, false },  { "PATTERN", 10, 1, 6, false },
    { "ROUTE", 8, 1, 7, false },   { 0 },
};

static void
s_fill (const tui_model_t *model, tui_list_t *list)
{
    const tui_notes_t *notes = tui_model_notes (model);
    for (size_t i = 0; i < tui_notes_findings (notes); i++) {
        const tui_finding_t *found = tui_notes_finding (notes, i);
        const tui_call_t *call = tui_calls_find (tui_model_calls (model), found->call);
        char key[2 * TUI_FINDING_WORD], word[TUI_WORD];
        snprintf (key, sizeof key, "%020" PRIu64 "/%s", found->number, found->call);
        tui_list_row (list, TUI_PLAIN, key);
        tui_list_value (list, (double) found->time_ms,
                        tui_text_clock (found->time_ms, word));
        tui_list_text (list, found->action);
        tui_list_look (list, s_style (found->action));
        tui_list_text (list, found->family);
        tui_list_text (list,
                       found->failed ? "(could not look to the end)" : found->masked);
        tui_list_value (list, (double) found->count, tui_text_count (found->count, word));
        tui_list_text (list, found->direction);
        tui_list_text (list, found->place);
        tui_list_text (list, found->pattern);
        tui_list_text (list, call ? call->route : "");
    }
}

static void
s_detail (const tui_model_t *model, const char *key, tui_list_t *list)
{
    const char *call = strchr (key, '/');
    tui_detail_call (model, call ? call + 1 : "", list);
}

//  ---- totals, since the server began; its hosts count by themselves

static const tui_column_t s_total_columns[] = {
    { "FAMILY", 16, 1, 0, false },        { "ACTION", 8, 0, 0, false },
    { "DIRECTION", 10, 0, 1, false },     { "FOUND", 8, 0, 0, true },
    { "NOT TO THE END", 14, 0, 2, true }, { 0 },
};

static const char *const s_total_names[] = { "family", "action", "direction" };
#define TOTAL_NAMES (sizeof s_total_names / sizeof *s_total_names)

static bool
s_is_same (const cJSON *a, const cJSON *b)
{
    for (size_t i = 0; i < TOTAL_NAMES; i++)
        if (strcmp (tui_json_text (a, s_total_names[i]),
                    tui_json_text (b, s_total_names[i])))
            return false;
    return true;
}

static void
s_add_total (const cJSON *first, tui_list_t *list)
{
    char key[3 * TUI_FINDING_WORD], word[TUI_WORD];
    uint64_t count = 0, failed = 0;
    for (const cJSON *row = first; row; row = row->next)
        if (s_is_same (row, first)) {
            count += tui_json_count (row, "count");
            failed += tui_json_count (row, "failed");
        }
    snprintf (key, sizeof key, "%.90s/%.90s/%.90s", tui_json_text (first, "family"),
              tui_json_text (first, "action"), tui_json_text (first, "direction"));
    tui_list_row (list, TUI_PLAIN, key);
    for (size_t i = 0; i < TOTAL_NAMES; i++)
        tui_list_text (list, tui_json_text (first, s_total_names[i]));
    tui_list_value (list, (double) count, tui_text_count (count, word));
    tui_list_value (list, (double) failed, failed ? tui_text_count (failed, word) : "");
}

static void
s_fill_totals (const tui_model_t *model, tui_list_t *list)
{
    const cJSON *rows = tui_model_said (model, TUI_GUARD);
    const cJSON *row, *before;
    cJSON_ArrayForEach (row, rows)
    {
        bool is_known = false;
        for (before = rows->child; before != row && !is_known; before = before->next)
            is_known = s_is_same (before, row);
        if (!is_known)
            s_add_total (row, list);
    }
}

static const tui_sheet_t s_findings = {
    .name = "findings",
    .of_events = true,
    .columns = s_columns,
    .sort = TUI_UNSORTED,
    .empty = "Guardrails have found nothing since this view began.",
    .fill = s_fill,
    .detail = s_detail,
};

static const tui_sheet_t s_totals = {
    .name = "totals",
    .columns = s_total_columns,
    .sort = 3,
    .down = true,
    .empty = "Guardrails have found nothing since the server began.",
    .fill = s_fill_totals,
};

const tui_pane_t tui_pane_guard = {
    .name = "Guard",
    .sheets = { &s_findings, &s_totals },
};
