//  tui_frame: what stands around a pane: the server, the names of the panes, the keys.

#include <stdio.h>
#include <string.h>

#include "tui/tui_frame.h"
#include "tui/tui_keys.h"
#include "tui/tui_text.h"

#define SHORT_NAME 4 //  characters of a pane's name where room is scarce
#define NAME_BYTES 32

void
tui_frame_server (tui_cells_t *cells, const tui_model_t *model)
{
    const cJSON *snapshot = tui_model_said (model, TUI_SNAPSHOT);
    const cJSON *listen = tui_json (tui_model_said (model, TUI_CALLS), "listen");
    const char *address = cJSON_GetStringValue (cJSON_GetArrayItem (listen, 0));
    const tui_totals_t *totals = tui_model_totals (model);
    int width = tui_cells_width (cells);
    char clock[TUI_WORD], money[TUI_WORD];
    tui_cells_fill (cells, (tui_area_t) { 0, 0, width, 1 }, TUI_BAR, ' ');
    int x = 1 + tui_cells_put (cells, 1, 0, width - 1, TUI_BAR, "bitrouter ");
    x += tui_cells_put (cells, x, 0, width - x, TUI_BAR,
                        tui_json_text (snapshot, "version"));
    if (tui_model_is_up (model))
        x += tui_cells_putf (
            cells, x, 0, width - x, TUI_BAR, "  ● %s  %zu open  %.1f/s  %s",
            address ? address : "running", tui_calls_open (tui_model_calls (model)),
            (double) tui_rate_sum (&totals->begun, tui_model_now (model), 5) / 5,
            tui_text_money (totals->cost_nusd, money));
    else
        x += tui_cells_put (cells, x, 0, width - x, TUI_BAR, "  ○ stopped");
    if (width - x > 10)
        tui_cells_put (cells, width - 9, 0, 9, TUI_BAR,
                       tui_text_clock (tui_model_now (model), clock));
}

static int
s_tabs_width (bool is_short)
{
    int width = 1;
    for (unsigned i = 0; i < TUI_PANES; i++) {
        int name = (int) strlen (tui_panes[i]->name);
        width += 3 + (is_short && name > SHORT_NAME ? SHORT_NAME : name);
    }
    return width;
}

void
tui_frame_tabs (tui_cells_t *cells, unsigned pane, int ret_tabs[TUI_PANES + 1])
{
    int width = tui_cells_width (cells), x = 1;
    bool is_short = s_tabs_width (false) > width;
    bool is_tiny = s_tabs_width (true) > width;
    for (unsigned i = 0; i < TUI_PANES; i++) {
        char name[NAME_BYTES];
        bool is_shown = i == pane;
        snprintf (name, sizeof name, "%u %.*s", i + 1,
                  is_tiny && !is_shown ? 0
                  : is_short           ? SHORT_NAME
                                       : NAME_BYTES - 4,
                  tui_panes[i]->name);
        ret_tabs[i] = x;
        x += tui_cells_put (cells, x, 1, width - x, is_shown ? TUI_TAB : TUI_PLAIN, name);
        x++;
    }
    ret_tabs[TUI_PANES] = x;
}

static void
s_draw_keys (tui_cells_t *cells, int y, bool is_paused)
{
    int width = tui_cells_width (cells), x = 1;
    for (const tui_key_row_t *row = tui_keys; row->label; row++) {
        if (!row->word)
            continue;
        int wanted = (int) (tui_text_columns (row->label) + tui_text_columns (row->word));
        if (x + wanted + 3 > width)
            break;
        x += tui_cells_put (cells, x, y, width - x, TUI_KEY, row->label);
        x += 1 + tui_cells_put (cells, x + 1, y, width - x - 1, TUI_BAR, row->word);
        x += 2;
    }
    const char *mark = is_paused ? " PAUSED " : "";
    int room = (int) strlen (mark);
    tui_cells_put (cells, width - room, y, room, TUI_TAB, mark);
}

void
tui_frame_foot (tui_cells_t *cells, const char *typed, bool is_paused)
{
    int y = tui_cells_height (cells) - 1, width = tui_cells_width (cells);
    tui_cells_fill (cells, (tui_area_t) { 0, y, width, 1 }, TUI_BAR, ' ');
    if (typed)
        tui_cells_putf (cells, 1, y, width - 1, TUI_BAR,
                        "/%s_   Enter keeps it, Esc forgets it", typed);
    else
        s_draw_keys (cells, y, is_paused);
}
