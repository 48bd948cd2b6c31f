//  tui_screen: ncurses. Rows that have changed are written again, and ncurses itself finds
//  which of their cells the terminal must hear of: nothing flickers.

#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>

#include "broker/core/alloc.h"
#include "tui/tui_crash.h"
#include "tui/tui_screen.h"

#define ESCAPE_MS 25 //  that an escape sequence may take
#define MOUSE_OFF "\033[?1006l\033[?1000l"
#define RESTORE_BYTES 256
#define RUN_MAX 256 //  cells of one look that are written together

struct _tui_screen_t {
    SCREEN *screen;     //  owned
    tui_cells_t *cells; //  owned; what is drawn
    tui_cells_t *shown; //  owned; what the terminal has
    bool is_new;        //  it has nothing yet
    bool ascii;
    bool mouse;
    attr_t looks[TUI_STYLES];
    short pairs[TUI_STYLES];
};

//  ---- looks

//  Colours with 256 and with 8 of them, and what stands for them without any; -1: the
//  terminal's own.
static const struct {
    short fore, back, fore8, back8;
    attr_t look, look8, plain;
} s_styles[TUI_STYLES] = {
    [TUI_PLAIN] = { -1, -1, -1, -1, 0, 0, 0 },
    [TUI_DIM] = { 245, -1, -1, -1, 0, A_DIM, A_DIM },
    [TUI_BOLD] = { -1, -1, -1, -1, A_BOLD, A_BOLD, A_BOLD },
    [TUI_GOOD] = { 71, -1, 2, -1, 0, 0, 0 },
    [TUI_WARN] = { 179, -1, 3, -1, 0, 0, A_BOLD },
    [TUI_BAD] = { 203, -1, 1, -1, 0, A_BOLD, A_BOLD | A_UNDERLINE },
    [TUI_HEAD] = { 250, 237, -1, -1, 0, A_BOLD, A_BOLD },
    [TUI_SPARK] = { 74, -1, 6, -1, 0, 0, 0 },
    [TUI_BAR] = { 252, 236, -1, -1, 0, A_REVERSE, A_REVERSE },
    [TUI_TAB] = { 235, 74, 0, 6, A_BOLD, 0, A_REVERSE | A_BOLD },
    [TUI_KEY] = { 74, 236, -1, -1, A_BOLD, A_REVERSE | A_BOLD, A_REVERSE | A_BOLD },
    [TUI_CHOSEN] = { 231, 24, -1, -1, 0, A_REVERSE, A_REVERSE },
};

static void
s_set_looks (tui_screen_t *self)
{
    const char *no_color = getenv ("NO_COLOR");
    bool is_colored = !(no_color && *no_color) && has_colors () && start_color () == OK;
    bool is_rich = is_colored && COLORS >= 256;
    bool has_own = is_colored && use_default_colors () == OK;
    for (unsigned i = 0; i < TUI_STYLES; i++) {
        short fore = is_rich ? s_styles[i].fore : s_styles[i].fore8;
        short back = is_rich ? s_styles[i].back : s_styles[i].back8;
        self->looks[i] = is_rich      ? s_styles[i].look
                         : is_colored ? s_styles[i].look8
                                      : s_styles[i].plain;
        if (!has_own) {
            fore = fore < 0 ? COLOR_WHITE : fore;
            back = back < 0 ? COLOR_BLACK : back;
        }
        if (is_colored && init_pair ((short) (i + 1), fore, back) == OK)
            self->pairs[i] = (short) (i + 1);
    }
}

//  ---- letters

//  What ASCII has for the signs of the panes.
static wchar_t
s_ascii (uint32_t code)
{
    static const struct {
        uint32_t first, last;
        char sign;
    } signs[] = {
        { 0x2581, 0x2582, '.' }, { 0x2583, 0x2584, ':' }, { 0x2585, 0x2586, '|' },
        { 0x2587, 0x2588, '#' }, { 0x25b2, 0x25b2, '^' }, { 0x25bc, 0x25bc, 'v' },
        { 0x2514, 0x2514, '`' }, { 0x251c, 0x251c, '|' }, { 0x25cf, 0x25cf, '*' },
        { 0x25cb, 0x25cb, 'o' }, { 0x2026, 0x2026, '.' },
    };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (code >= signs[i].first && code <= signs[i].last)
            return (wchar_t) (unsigned char) signs[i].sign;
    return '?';
}

static wchar_t
s_letter (const tui_screen_t *self, const tui_cell_t *cell, bool is_wide)
{
    if (cell->code < 0x7f)
        return (wchar_t) cell->code;
    if (self->ascii)
        return s_ascii (cell->code);
    return wcwidth ((wchar_t) cell->code) == (is_wide ? 2 : 1) ? (wchar_t) cell->code
                                                               : L'?';
}

//  ---- taking over and giving back

int
tui_screen_check (br_error_t *reterr)
{
    const char *term = getenv ("TERM");
    if (!isatty (STDIN_FILENO) || !isatty (STDOUT_FILENO))
        return br_error_set (reterr, BR_ESYSTEM,
                             "the terminal view needs a terminal; `bitrouter status` and "
                             "`bitrouter events` tell the same without one");
    if (!term || !*term || strcmp (term, "dumb") == 0)
        return br_error_set (reterr, BR_ESYSTEM,
                             "the terminal view cannot draw on TERM=%s; set TERM to what "
                             "your terminal is, like xterm-256color, or use `bitrouter "
                             "status`",
                             term && *term ? "dumb" : "''");
    return 0;
}

static void
s_add_capability (char *bytes, const char *name)
{
    const char *text = tigetstr (name);
    size_t size = strlen (bytes);
    if (text && text != (char *) -1 && size + strlen (text) < RESTORE_BYTES)
        strcpy (bytes + size, text);
}

//  What a crash has to write: the reverse of what was switched on.
static void
s_arm (const struct termios *modes)
{
    char bytes[RESTORE_BYTES] = MOUSE_OFF;
    static const char *const names[] = { "sgr0", "rmkx", "cnorm", "rmcup" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        s_add_capability (bytes, names[i]);
    tui_crash_arm (modes, bytes);
}

static void
s_fit (tui_screen_t *self)
{
    tui_cells_destroy (&self->cells);
    tui_cells_destroy (&self->shown);
    self->cells = tui_cells_new (COLS, LINES);
    self->shown = tui_cells_new (COLS, LINES);
    self->is_new = true;
}

tui_screen_t *
tui_screen_new (bool mouse, bool ascii, br_error_t *reterr)
{
    struct termios modes;
    if (tui_screen_check (reterr))
        return NULL;
    setlocale (LC_CTYPE, "");
    tcgetattr (STDIN_FILENO, &modes);
    SCREEN *screen = newterm (NULL, stdout, stdin);
    if (!screen) {
        br_error_set (reterr, BR_ESYSTEM,
                      "the terminal view does not know the terminal %.60s; set TERM to "
                      "one that is known here, like xterm or vt100",
                      getenv ("TERM"));
        return NULL;
    }
    tui_screen_t *self = BR_NEW (tui_screen_t);
    self->screen = screen;
    self->mouse = mouse;
    self->ascii = ascii || strcmp (nl_langinfo (CODESET), "UTF-8") != 0;
    s_arm (&modes);
    cbreak ();
    noecho ();
    keypad (stdscr, TRUE);
    nodelay (stdscr, TRUE);
    set_escdelay (ESCAPE_MS);
    curs_set (0);
    if (mouse)
        mousemask (BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
    mouseinterval (0);
    s_set_looks (self);
    s_fit (self);
    return self;
}

void
tui_screen_destroy (tui_screen_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    tui_screen_t *self = *self_p;
    if (self->mouse)
        mousemask (0, NULL);
    endwin ();
    tui_crash_disarm ();
    delscreen (self->screen);
    tui_cells_destroy (&self->shown);
    tui_cells_destroy (&self->cells);
    free (self);
    *self_p = NULL;
}

tui_cells_t *
tui_screen_cells (tui_screen_t *self)
{
    return self->cells;
}

//  ---- painting

//  Cells of one look. A letter beyond ASCII stands for itself: what a terminal takes it for
//  must not move the others.
static int
s_paint_run (const tui_screen_t *self, const tui_cell_t *row, int y, int x, int width)
{
    wchar_t run[RUN_MAX];
    int size = 0, end = x;
    uint32_t style = row[x].style;
    do {
        bool is_wide = end + 1 < width && row[end + 1].code == 0;
        run[size++] = s_letter (self, &row[end], is_wide);
        if (is_wide && (self->ascii || run[size - 1] == L'?'))
            run[size++] = L' ';
        end += is_wide ? 2 : 1;
    } while (end < width && size + 2 < RUN_MAX && row[end].style == style
             && row[end].code < 0x7f && row[end - 1].code < 0x7f && row[end - 1].code);
    attr_set (self->looks[style], self->pairs[style], NULL);
    mvaddnwstr (y, x, run, size);
    return end;
}

void
tui_screen_paint (tui_screen_t *self)
{
    int width = tui_cells_width (self->cells);
    size_t bytes = (size_t) width * sizeof (tui_cell_t);
    for (int y = 0; y < tui_cells_height (self->cells); y++) {
        const tui_cell_t *row = tui_cells_row (self->cells, y);
        if (!self->is_new && memcmp (row, tui_cells_row (self->shown, y), bytes) == 0)
            continue;
        for (int x = 0; x < width;)
            x = s_paint_run (self, row, y, x, width);
    }
    tui_cells_copy (self->shown, self->cells);
    self->is_new = false;
    refresh ();
}

//  ---- keys

static uint32_t
s_named_key (wint_t code)
{
    static const struct {
        wint_t code;
        uint32_t key;
    } keys[] = {
        { KEY_UP, TUI_KEY_UP },         { KEY_DOWN, TUI_KEY_DOWN },
        { KEY_LEFT, TUI_KEY_LEFT },     { KEY_RIGHT, TUI_KEY_RIGHT },
        { KEY_PPAGE, TUI_KEY_PAGE_UP }, { KEY_NPAGE, TUI_KEY_PAGE_DOWN },
        { KEY_HOME, TUI_KEY_HOME },     { KEY_END, TUI_KEY_END },
        { KEY_BTAB, TUI_KEY_BACK_TAB }, { KEY_BACKSPACE, TUI_KEY_BACKSPACE },
        { KEY_ENTER, TUI_KEY_ENTER },
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].code == code)
            return keys[i].key;
    return TUI_KEY_NONE;
}

static uint32_t
s_mouse (int *ret_x, int *ret_y)
{
    MEVENT event;
    if (getmouse (&event) != OK)
        return TUI_KEY_NONE;
    *ret_x = event.x;
    *ret_y = event.y;
    if (event.bstate & BUTTON4_PRESSED)
        return TUI_KEY_WHEEL_UP;
    if (event.bstate & BUTTON5_PRESSED)
        return TUI_KEY_WHEEL_DOWN;
    return event.bstate & BUTTON1_PRESSED ? TUI_KEY_CLICK : TUI_KEY_NONE;
}

//  Nothing to read, or nobody at the other end any more.
static tui_input_t
s_read_nothing (void)
{
    struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
    if (poll (&input, 1, 0) > 0 && input.revents & (POLLHUP | POLLERR | POLLNVAL))
        return TUI_INPUT_OVER;
    return TUI_INPUT_NONE;
}

tui_input_t
tui_screen_read (tui_screen_t *self, uint32_t *ret_key, int *ret_x, int *ret_y)
{
    wint_t code;
    int kind = get_wch (&code);
    if (kind == ERR)
        return s_read_nothing ();
    if (kind == KEY_CODE_YES && code == KEY_RESIZE) {
        s_fit (self);
        clear ();
        return TUI_INPUT_RESIZED;
    }
    if (kind == KEY_CODE_YES && code == KEY_MOUSE)
        *ret_key = s_mouse (ret_x, ret_y);
    else if (kind == KEY_CODE_YES)
        *ret_key = s_named_key (code);
    else
        *ret_key = code == 0x7f || code == '\b' ? TUI_KEY_BACKSPACE : (uint32_t) code;
    return TUI_INPUT_KEY;
}
