//  tui_pane_home: the first view: whether the daemon runs, where it listens, providers and
//  routes, how busy it is; and the newest calls where there is room.

#include <stdio.h>

#include "tui/tui_pane.h"
#include "tui/tui_text.h"

#define LOGO_WIDTH 74 //  of the terminal, from which on the large one is drawn
#define LOGO_HEIGHT 26
#define LIST_MIN 6 //  rows that the list of calls is worth
#define LINE_BYTES 512
#define RATE_SPANS 10 //  seconds

static const char *const s_logo[] = {
    " _     _ _                   _            ",
    "| |__ (_) |_ _ __ ___  _   _| |_ ___ _ __ ",
    "| '_ \\| | __| '__/ _ \\| | | | __/ _ \\ '__|",
    "| |_) | | |_| | | (_) | |_| | ||  __/ |   ",
    "|_.__/|_|\\__|_|  \\___/ \\__,_|\\__\\___|_|   ",
};
#define LOGO_ROWS ((int) (sizeof s_logo / sizeof *s_logo))
#define LOGO_COLUMNS 42

//  Where the next line goes.
typedef struct {
    tui_cells_t *cells;
    tui_area_t area;
    int row;
} s_pen_t;

static void
s_line (s_pen_t *pen, tui_style_t style, const char *text)
{
    if (pen->row >= pen->area.height)
        return;
    int columns = (int) tui_text_columns (text);
    int blanks = columns < pen->area.width ? (pen->area.width - columns) / 2 : 0;
    tui_cells_put (pen->cells, pen->area.x + blanks, pen->area.y + pen->row,
                   pen->area.width - blanks, style, text);
    pen->row++;
}

static void
s_draw_logo (s_pen_t *pen)
{
    bool is_large = pen->area.width >= LOGO_WIDTH && pen->area.height >= LOGO_HEIGHT;
    if (pen->area.height >= 20)
        pen->row++;
    for (int i = 0; is_large && i < LOGO_ROWS; i++)
        tui_cells_put (pen->cells, pen->area.x + (pen->area.width - LOGO_COLUMNS) / 2,
                       pen->area.y + pen->row++, LOGO_COLUMNS, TUI_SPARK, s_logo[i]);
    if (!is_large)
        s_line (pen, TUI_SPARK, "b i t r o u t e r");
    if (pen->area.height >= 14)
        s_line (pen, TUI_DIM, "Open Intelligence Router for LLM Agents");
    pen->row += pen->area.height >= 14;
}

//  Names of a list: "a, b, c"; of members "name" where they are objects.
static void
s_join (const cJSON *list, char line[LINE_BYTES])
{
    size_t size = 0;
    const cJSON *item;
    *line = 0;
    cJSON_ArrayForEach (item, list)
    {
        const char *name = cJSON_GetStringValue (item);
        size_t room = LINE_BYTES - size;
        int more = snprintf (line + size, room, "%s%s", size ? ", " : "",
                             name ? name : tui_json_text (item, "name"));
        if (more < 0 || (size_t) more >= room)
            return;
        size += (size_t) more;
    }
}

//  "2 providers configured: openai, echo"
static void
s_count (s_pen_t *pen, const cJSON *list, const char *one, const char *how)
{
    char names[LINE_BYTES], line[2 * LINE_BYTES];
    int count = cJSON_GetArraySize (list);
    s_join (list, names);
    snprintf (line, sizeof line, "%d %s%s %s%s%s", count, one, count == 1 ? "" : "s", how,
              count ? ": " : "", names);
    s_line (pen, count ? TUI_PLAIN : TUI_WARN, line);
}

static void
s_draw_server (s_pen_t *pen, const tui_model_t *model)
{
    const cJSON *snapshot = tui_model_said (model, TUI_SNAPSHOT);
    char names[LINE_BYTES], line[2 * LINE_BYTES];
    if (!tui_model_is_up (model)) {
        s_line (pen, TUI_WARN, "Daemon stopped");
        s_line (pen, TUI_PLAIN, tui_model_reason (model));
        return;
    }
    if (!snapshot) {
        s_line (pen, TUI_DIM, "Daemon: waiting for its answer");
        return;
    }
    snprintf (line, sizeof line, "Daemon running (pid %.0f)",
              tui_json_number (snapshot, "pid"));
    s_line (pen, TUI_GOOD, line);
    const cJSON *listen = tui_json (tui_model_said (model, TUI_CALLS), "listen");
    s_join (cJSON_GetArraySize (listen) ? listen : tui_json (snapshot, "listen"), names);
    snprintf (line, sizeof line, "Listening on %s", *names ? names : "nothing");
    s_line (pen, TUI_PLAIN, line);
    s_count (pen, tui_json (snapshot, "providers"), "provider", "configured");
    s_count (pen, tui_model_said (model, TUI_ROUTES), "route", "active");
}

static void
s_draw_money (s_pen_t *pen, const tui_model_t *model)
{
    const tui_totals_t *totals = tui_model_totals (model);
    const cJSON *ledger = tui_model_said (model, TUI_LEDGER);
    if (!ledger)
        return;
    char line[LINE_BYTES], a[TUI_WORD], b[TUI_WORD], c[TUI_WORD];
    snprintf (line, sizeof line, "%s spent in %s calls; %s since %s",
              tui_text_money ((int64_t) tui_json_count (ledger, "cost_nusd"), a),
              tui_text_count (tui_json_count (ledger, "rows"), b),
              tui_text_money (totals->cost_nusd, c),
              tui_text_clock (totals->started_ms, (char[TUI_WORD]) { 0 }));
    s_line (pen, TUI_PLAIN, line);
}

static void
s_draw_pulse (s_pen_t *pen, const tui_model_t *model)
{
    const tui_totals_t *totals = tui_model_totals (model);
    uint64_t now_ms = tui_model_now (model), values[TUI_RATE_SLOTS];
    char line[LINE_BYTES], a[TUI_WORD], b[TUI_WORD];
    double calls = (double) tui_rate_sum (&totals->begun, now_ms, RATE_SPANS)
                   / RATE_SPANS;
    uint64_t output = tui_rate_sum (&totals->output, now_ms, RATE_SPANS) / RATE_SPANS;
    snprintf (line, sizeof line,
              "%zu open, %.1f calls/s, %s tokens/s, %s failed, %llu findings",
              tui_calls_open (tui_model_calls (model)), calls, tui_text_count (output, a),
              tui_text_count (totals->failed, b), (unsigned long long) totals->findings);
    s_line (pen, TUI_PLAIN, line);
    int width = pen->area.width < TUI_RATE_SLOTS ? pen->area.width : TUI_RATE_SLOTS;
    int height = pen->area.height >= 24 ? 2 : 1;
    tui_area_t bars = { pen->area.x + (pen->area.width - width) / 2,
                        pen->area.y + pen->row, width, height };
    if (pen->row + height > pen->area.height)
        return;
    tui_rate_read (&totals->begun, now_ms, values);
    tui_cells_bars (pen->cells, bars, values, TUI_RATE_SLOTS);
    pen->row += height;
}

static int
s_head (const tui_model_t *model, tui_cells_t *cells, tui_area_t area)
{
    s_pen_t pen = { cells, area, 0 };
    s_draw_logo (&pen);
    s_draw_server (&pen, model);
    if (area.height >= 10)
        s_draw_money (&pen, model);
    s_draw_pulse (&pen, model);
    pen.row += area.height >= 20;
    s_line (&pen, TUI_DIM, "Press q to quit, ? for help");
    bool has_room = area.height - pen.row >= LIST_MIN + 1;
    return has_room ? pen.row + 1 : area.height;
}

const tui_pane_t tui_pane_home = {
    .name = "Home",
    .sheets = { &tui_sheet_calls },
    .head = s_head,
};

const tui_pane_t *const tui_panes[TUI_PANES] = {
    &tui_pane_home,      &tui_pane_calls, &tui_pane_runs,   &tui_pane_spend,
    &tui_pane_providers, &tui_pane_guard, &tui_pane_routes, &tui_pane_logs,
};
