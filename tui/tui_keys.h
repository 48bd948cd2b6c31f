//  tui_keys: what each key does: one table, from which help and foot are written, too.

#ifndef BR_TUI_KEYS_H
#define BR_TUI_KEYS_H

#include <stdint.h>

//  Keys that are no character; characters are themselves.
enum {
    TUI_KEY_NONE = 0,
    TUI_KEY_TAB = '\t',
    TUI_KEY_ENTER = '\r',
    TUI_KEY_ESCAPE = 0x1b,
    TUI_KEY_UP = 0x110000, //  beyond all characters
    TUI_KEY_DOWN,
    TUI_KEY_LEFT,
    TUI_KEY_RIGHT,
    TUI_KEY_PAGE_UP,
    TUI_KEY_PAGE_DOWN,
    TUI_KEY_HOME,
    TUI_KEY_END,
    TUI_KEY_BACKSPACE,
    TUI_KEY_BACK_TAB,
    TUI_KEY_CLICK, //  its place comes beside it
    TUI_KEY_WHEEL_UP,
    TUI_KEY_WHEEL_DOWN
};

typedef enum {
    TUI_DO_NOTHING,
    TUI_DO_QUIT,
    TUI_DO_HELP,
    TUI_DO_PANE, //  of the key's digit
    TUI_DO_NEXT_PANE,
    TUI_DO_LAST_PANE,
    TUI_DO_NEXT_SHEET,
    TUI_DO_LAST_SHEET,
    TUI_DO_UP,
    TUI_DO_DOWN,
    TUI_DO_PAGE_UP,
    TUI_DO_PAGE_DOWN,
    TUI_DO_FIRST,
    TUI_DO_LAST,
    TUI_DO_OPEN,
    TUI_DO_BACK,
    TUI_DO_FILTER,
    TUI_DO_SORT,
    TUI_DO_TURN,
    TUI_DO_PAUSE,
    TUI_DO_ASK
} tui_action_t;

typedef struct _tui_key_row_t {
    uint32_t keys[4]; //  TUI_KEY_NONE ends
    tui_action_t action;
    const char *label; //  "q", "PgDn"
    const char *word;  //  for the foot, or NULL
    const char *about; //  for the help
} tui_key_row_t;

//  A row without a label ends it.
extern const tui_key_row_t tui_keys[];

tui_action_t tui_keys_find (uint32_t key);

#endif
