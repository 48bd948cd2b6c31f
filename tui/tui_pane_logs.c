//  tui_pane_logs: what happened, as lines: events that are news, and the server's own log
//  where it can be read.

#include <inttypes.h>
#include <stdio.h>

#include "tui/tui_pane.h"
#include "tui/tui_text.h"

static const tui_column_t s_columns[] = {
    { "TIME", 8, 0, 1, false },
    { "WHAT", 15, 0, 2, false },
    { "TEXT", 20, 1, 0, false },
    { 0 },
};

static void
s_fill (const tui_model_t *model, tui_list_t *list)
{
    const tui_notes_t *notes = tui_model_notes (model);
    for (size_t i = 0; i < tui_notes_count (notes); i++) {
        const tui_note_t *note = tui_notes_at (notes, i);
        char key[TUI_WORD], word[TUI_WORD];
        snprintf (key, sizeof key, "%020" PRIu64, note->number);
        tui_list_row (list, TUI_PLAIN, key);
        tui_list_value (list, (double) note->number,
                        tui_text_clock (note->time_ms, word));
        tui_list_text (list, note->source);
        tui_list_look (list, note->style);
        tui_list_text (list, note->text);
        tui_list_look (list, note->style == TUI_GOOD ? TUI_PLAIN : note->style);
    }
}

static const tui_sheet_t s_notes = {
    .name = "logs",
    .of_events = true,
    .columns = s_columns,
    .sort = TUI_UNSORTED,
    .empty = "Nothing to tell since this view began. Calls that end well are in Calls.",
    .fill = s_fill,
};

const tui_pane_t tui_pane_logs = {
    .name = "Logs",
    .sheets = { &s_notes },
};
