//  tui_pane: what a pane is: lists that it fills from the model, and what it draws above them.
//  Panes have no state; the view keeps what the user has chosen. One file for each.

#ifndef BR_TUI_PANE_H
#define BR_TUI_PANE_H

#include "tui/tui_list.h"
#include "tui/tui_model.h"

#define TUI_PANES 8
#define TUI_SHEETS_MAX 8 //  of a pane

typedef struct _tui_sheet_t {
    const char *name;
    const tui_column_t *columns; //  a row without a title ends them
    unsigned sort;               //  at first; a column, or TUI_UNSORTED
    bool down;                   //  the greatest first
    bool in_order;               //  is never sorted: a tree
    bool of_events;              //  has nothing where no events are told
    const char *empty;           //  said when there is no line
    //  Adds the lines; the columns are set already.
    void (*fill) (const tui_model_t *model, tui_list_t *list);
    //  All about a line, MAY be set: adds lines of two cells, what and how much; by the key of
    //  the line. Without it the line's own cells are told.
    void (*detail) (const tui_model_t *model, const char *key, tui_list_t *list);
} tui_sheet_t;

typedef struct _tui_pane_t {
    const char *name;
    const tui_sheet_t *sheets[TUI_SHEETS_MAX]; //  at least one; NULL ends
    //  Draws above the list, MAY be set. Returns the rows it took, at most those of the area.
    int (*head) (const tui_model_t *model, tui_cells_t *cells, tui_area_t area);
} tui_pane_t;

extern const tui_pane_t tui_pane_home;
extern const tui_pane_t tui_pane_calls;
extern const tui_pane_t tui_pane_runs;
extern const tui_pane_t tui_pane_spend;
extern const tui_pane_t tui_pane_providers;
extern const tui_pane_t tui_pane_guard;
extern const tui_pane_t tui_pane_routes;
extern const tui_pane_t tui_pane_logs;

//  In the order of their numbers.
extern const tui_pane_t *const tui_panes[TUI_PANES];

//  ---- of calls, which several panes show

extern const tui_sheet_t tui_sheet_calls;

//  All about a call: who, where, each hop, times and money.
void tui_detail_call (const tui_model_t *model, const char *id, tui_list_t *list);

tui_style_t tui_style_of_call (tui_call_state_t state);

//  "$0.0012", "~$0.0012" for an estimate, "?" when nobody knows, "" before it is told. to:
//  TUI_WORD bytes
char *tui_text_cost (const tui_call_t *call, char *to);

#endif
