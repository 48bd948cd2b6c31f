//  tui_keys: what each key does.

#include <stddef.h>

#include "tui/tui_keys.h"

#define CTRL(letter) ((letter) &0x1f)

const tui_key_row_t tui_keys[] = {
    { { 'q', CTRL ('c') }, TUI_DO_QUIT, "q", "quit", "quit; so does Ctrl+C" },
    { { '?', 'h' }, TUI_DO_HELP, "?", "help", "this page" },
    { { '1' }, TUI_DO_PANE, "1-8", "panes", "a pane; so does its number" },
    { { TUI_KEY_TAB }, TUI_DO_NEXT_PANE, "Tab", NULL, "the next pane" },
    { { TUI_KEY_BACK_TAB }, TUI_DO_LAST_PANE, "Shift+Tab", NULL, "the pane before" },
    { { TUI_KEY_RIGHT, ']', 'l' },
      TUI_DO_NEXT_SHEET,
      "Right ]",
      "list",
      "the next list of a pane" },
    { { TUI_KEY_LEFT, '[' }, TUI_DO_LAST_SHEET, "Left [", NULL, "the list before" },
    { { TUI_KEY_UP, 'k', TUI_KEY_WHEEL_UP }, TUI_DO_UP, "Up k", NULL, "a line up" },
    { { TUI_KEY_DOWN, 'j', TUI_KEY_WHEEL_DOWN },
      TUI_DO_DOWN,
      "Down j",
      NULL,
      "a line down" },
    { { TUI_KEY_PAGE_UP, CTRL ('b') }, TUI_DO_PAGE_UP, "PgUp", NULL, "a page up" },
    { { TUI_KEY_PAGE_DOWN, CTRL ('f') }, TUI_DO_PAGE_DOWN, "PgDn", NULL, "a page down" },
    { { TUI_KEY_HOME, 'g' },
      TUI_DO_FIRST,
      "Home g",
      NULL,
      "the first line, and what is new there" },
    { { TUI_KEY_END, 'G' }, TUI_DO_LAST, "End G", NULL, "the last line" },
    { { TUI_KEY_ENTER, '\n' },
      TUI_DO_OPEN,
      "Enter",
      "detail",
      "all about a line; of a call its hops and times" },
    { { TUI_KEY_ESCAPE, TUI_KEY_BACKSPACE },
      TUI_DO_BACK,
      "Esc",
      NULL,
      "back; without a filter" },
    { { '/' },
      TUI_DO_FILTER,
      "/",
      "filter",
      "lines that have these words; Enter keeps, Esc forgets" },
    { { 's' }, TUI_DO_SORT, "s", "sort", "sort by the next column" },
    { { 'S' }, TUI_DO_TURN, "S", NULL, "sort the other way round" },
    { { 'p', ' ' },
      TUI_DO_PAUSE,
      "p",
      "pause",
      "hold the picture, and go on; so does Space" },
    { { 'r' }, TUI_DO_ASK, "r", NULL, "ask the server anew" },
    { { 0 }, TUI_DO_NOTHING, 0, 0, 0 },
};

tui_action_t
tui_keys_find (uint32_t key)
{
    if (key >= '1' && key <= '9')
        return TUI_DO_PANE;
    for (const tui_key_row_t *row = tui_keys; row->label; row++)
        for (unsigned i = 0; i < 4 && row->keys[i]; i++)
            if (row->keys[i] == key)
                return row->action;
    return TUI_DO_NOTHING;
}
