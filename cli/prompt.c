//  prompt: questions on a terminal. Keys are read one by one and drawn by ourselves, so
//  that nothing typed ahead is ever echoed.

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "cli/prompt.h"
#include "cli/prompt_terminal.h"

#define ESCAPE_MS 50  //  within which the rest of an arrow's sequence comes
#define PASTE_MS 1000 //  without a byte: the end of what is pasted was lost
#define PASTE_BEGINS 200
#define PASTE_ENDS 201
#define NUMBER_MAX 999 //  of a sequence; what is over is none of ours

struct _cli_prompt_t {
    cli_prompt_terminal_t *terminal; //  owned
    int out;                         //  borrowed
    bool color;
    bool is_dumb;   //  a cursor cannot go up
    bool is_pasted; //  what comes now
    cli_prompt_end_t end;
};

//  What a key means; others are bytes of text, from 0 to 255.
enum {
    KEY_END = 256,
    KEY_BREAK,
    KEY_ENTER,
    KEY_ERASE,
    KEY_CLEAR,
    KEY_UP,
    KEY_DOWN,
    KEY_OTHER
};

typedef enum {
    SHOWN,
    HIDDEN
} echo_t;

//  ---- life

static bool
s_is_dumb (void)
{
    const char *term = getenv ("TERM");
    return term && strcmp (term, "dumb") == 0;
}

cli_prompt_t *
cli_prompt_new (int in, int out, bool color, br_error_t *reterr)
{
    cli_prompt_terminal_t *terminal = cli_prompt_terminal_new (in, out, reterr);
    if (!terminal)
        return NULL;
    cli_prompt_t *self = BR_NEW (cli_prompt_t);
    self->terminal = terminal;
    self->out = out;
    self->color = color;
    self->is_dumb = s_is_dumb ();
    return self;
}

void
cli_prompt_destroy (cli_prompt_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    cli_prompt_terminal_t *terminal = (*self_p)->terminal;
    free (*self_p);
    *self_p = NULL;
    cli_prompt_terminal_destroy (&terminal); //  a signal may end the program here
}

cli_prompt_end_t
cli_prompt_end (const cli_prompt_t *self)
{
    return self->end;
}

bool
cli_prompt_may_color (void)
{
    const char *no = getenv ("NO_COLOR");
    return !(no && *no) && !s_is_dumb ();
}

//  ---- words

static void
s_write (cli_prompt_t *self, const char *bytes, size_t size)
{
    while (size) {
        ssize_t rc = write (self->out, bytes, size);
        if (rc < 0 && errno == EINTR)
            continue;
        if (rc <= 0)
            return;
        bytes += rc;
        size -= (size_t) rc;
    }
}

static void
s_puts (cli_prompt_t *self, const char *text)
{
    s_write (self, text, strlen (text));
}

static void
s_paint (cli_prompt_t *self, const char *color, const char *text)
{
    if (self->color)
        s_puts (self, color);
    s_puts (self, text);
    if (self->color)
        s_puts (self, "\033[0m");
}

#define GREEN "\033[32m"
#define CYAN "\033[36m"

static void
s_say (cli_prompt_t *self, const char *format, va_list args)
{
    char *text = NULL;
    if (vasprintf (&text, format, args) >= 0)
        s_puts (self, text);
    free (text);
}

void
cli_prompt_say (cli_prompt_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    s_say (self, format, args);
    va_end (args);
}

void
cli_prompt_done (cli_prompt_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    s_paint (self, GREEN, "✓");
    s_puts (self, " ");
    s_say (self, format, args);
    s_puts (self, "\n");
    va_end (args);
}

static void
s_question (cli_prompt_t *self, const char *question)
{
    s_paint (self, CYAN, "?");
    cli_prompt_say (self, " %s", question);
}

//  ---- keys

//  What follows an escape: an arrow, a mark of what is pasted, or what is none of ours and
//  skipped.
static int
s_sequence (cli_prompt_t *self)
{
    int number = 0;
    int byte = cli_prompt_terminal_read (self->terminal, ESCAPE_MS);
    if (byte != '[' && byte != 'O')
        return KEY_OTHER;
    byte = cli_prompt_terminal_read (self->terminal, ESCAPE_MS);
    for (; byte == ';' || (byte >= '0' && byte <= '9');
         byte = cli_prompt_terminal_read (self->terminal, ESCAPE_MS))
        number = byte == ';' || number > NUMBER_MAX ? 0 : number * 10 + byte - '0';
    if (byte == '~' && (number == PASTE_BEGINS || number == PASTE_ENDS))
        self->is_pasted = number == PASTE_BEGINS;
    return byte == 'A' ? KEY_UP : byte == 'B' ? KEY_DOWN : KEY_OTHER;
}

//  A byte of what is pasted: ends of lines in it are no Enter, so that what is left of it
//  answers no other question; and none of it edits.
static int
s_pasted_key (int byte)
{
    if (byte == '\r' || byte == '\n')
        return ' ';
    return (byte < 32 && byte != '\t') || byte == 127 ? KEY_OTHER : byte;
}

//  A byte that was typed.
static int
s_typed_key (cli_prompt_t *self, int byte)
{
    switch (byte) {
    case 4: return KEY_END;
    case '\r':
    case '\n': return KEY_ENTER;
    case 8:
    case 127: return KEY_ERASE;
    case 21: return KEY_CLEAR;
    case 26: kill (0, SIGTSTP); return KEY_OTHER; //  as the terminal would do it
    case 27: return s_sequence (self);
    default: return byte < 32 && byte != '\t' ? KEY_OTHER : byte;
    }
}

//  The next key. The ends are remembered.
static int
s_key (cli_prompt_t *self)
{
    if (self->end != CLI_PROMPT_GOOD)
        return self->end == CLI_PROMPT_END ? KEY_END : KEY_BREAK;
    int byte = cli_prompt_terminal_read (self->terminal, self->is_pasted ? PASTE_MS : -1);
    if (byte < 0 && self->is_pasted) {
        self->is_pasted = false;
        byte = cli_prompt_terminal_read (self->terminal, -1);
    }
    bool is_signal = cli_prompt_terminal_signal (self->terminal) != 0;
    if (byte == 3 || is_signal)
        self->end = CLI_PROMPT_BREAK;
    else if (byte < 0)
        self->end = CLI_PROMPT_END;
    if (self->end != CLI_PROMPT_GOOD)
        return self->end == CLI_PROMPT_END ? KEY_END : KEY_BREAK;
    return self->is_pasted && byte != 27 ? s_pasted_key (byte) : s_typed_key (self, byte);
}

//  ---- a choice

static void
s_draw_options (cli_prompt_t *self, const char *const *options, size_t count,
                size_t marked)
{
    for (size_t i = 0; i < count; i++) {
        if (i == marked)
            s_paint (self, CYAN, "> ");
        else
            s_puts (self, "  ");
        s_paint (self, i == marked ? CYAN : "", options[i]);
        s_puts (self, "\n");
    }
}

//  Where a key moves to; *ret_chosen when it chooses.
static size_t
s_move (int key, size_t marked, size_t count, bool *ret_chosen)
{
    *ret_chosen = key == KEY_ENTER;
    if (key == KEY_UP || key == 'k')
        return marked ? marked - 1 : count - 1;
    if (key == KEY_DOWN || key == 'j' || key == '\t')
        return marked + 1 < count ? marked + 1 : 0;
    if (key < '1' || key > '9' || (size_t) (key - '1') >= count)
        return marked;
    *ret_chosen = true;
    return (size_t) (key - '1');
}

size_t
cli_prompt_select (cli_prompt_t *self, const char *question, const char *const *options,
                   size_t count, size_t start)
{
    size_t marked = start;
    bool chosen = false;
    if (self->end != CLI_PROMPT_GOOD)
        return start;
    s_question (self, question);
    s_puts (self, "\n");
    s_draw_options (self, options, count, marked);
    while (!chosen) {
        int key = s_key (self);
        if (key == KEY_END)
            self->end = CLI_PROMPT_END;
        if (self->end != CLI_PROMPT_GOOD)
            return start;
        if (self->is_pasted)
            continue;
        marked = s_move (key, marked, count, &chosen);
        if (self->is_dumb)
            s_puts (self, "\n");
        else
            cli_prompt_say (self, "\r\033[%zuA\033[J", count);
        s_draw_options (self, options, count, marked);
    }
    return marked;
}

//  ---- lines

typedef struct {
    char *text;   //  owned; CLI_PROMPT_LINE_MAX bytes and the end
    size_t size;  //  bytes
    bool is_over; //  there was more than there is room for
    echo_t echo;
} line_t;

//  Takes the last character away, of however many bytes.
static void
s_erase (cli_prompt_t *self, line_t *line)
{
    if (!line->size)
        return;
    do
        line->size--;
    while (line->size && ((unsigned char) line->text[line->size] & 0xc0) == 0x80);
    if (line->echo == SHOWN)
        s_puts (self, "\b \b");
}

//  Takes one key. Returns false when the line is complete.
static bool
s_edit (cli_prompt_t *self, line_t *line, int key)
{
    if (key == KEY_END && line->size == 0)
        self->end = CLI_PROMPT_END;
    if (self->end != CLI_PROMPT_GOOD || key == KEY_ENTER)
        return false;
    if (key == KEY_ERASE)
        s_erase (self, line);
    while (key == KEY_CLEAR && line->size)
        s_erase (self, line);
    line->is_over &= key != KEY_CLEAR;
    line->is_over |= key <= 255 && line->size == CLI_PROMPT_LINE_MAX;
    if (key > 255 || line->is_over)
        return true;
    char byte = (char) key;
    line->text[line->size++] = byte;
    if (line->echo == SHOWN)
        s_write (self, &byte, 1);
    return true;
}

//  What was typed, without white space around it. Half of a line is none. "caller frees"
static char *
s_trimmed (const line_t *line)
{
    size_t size = line->size, skipped = 0;
    while (size && isspace ((unsigned char) line->text[size - 1]))
        size--;
    while (skipped < size && isspace ((unsigned char) line->text[skipped]))
        skipped++;
    return br_strndup (line->text + skipped, size - skipped);
}

//  Asks until a line has room. "caller frees"
static char *
s_read_line (cli_prompt_t *self, echo_t echo)
{
    line_t line = { .text = br_alloc (CLI_PROMPT_LINE_MAX + 1, 1), .echo = echo };
    do {
        if (line.is_over)
            cli_prompt_say (self,
                            "  That is over %d bytes. Once more: ", CLI_PROMPT_LINE_MAX);
        line.size = 0;
        line.is_over = false;
        while (s_edit (self, &line, s_key (self)))
            ;
        s_puts (self, "\n");
    } while (line.is_over && self->end == CLI_PROMPT_GOOD);
    if (self->end != CLI_PROMPT_GOOD)
        line.size = 0;
    char *text = s_trimmed (&line);
    sodium_memzero (line.text, CLI_PROMPT_LINE_MAX);
    free (line.text);
    return text;
}

bool
cli_prompt_confirm (cli_prompt_t *self, const char *question, bool otherwise)
{
    while (self->end == CLI_PROMPT_GOOD) {
        s_question (self, question);
        s_puts (self, otherwise ? " [Y/n] " : " [y/N] ");
        char *answer = s_read_line (self, SHOWN);
        bool is_yes = strcasecmp (answer, "y") == 0 || strcasecmp (answer, "yes") == 0;
        bool is_no = strcasecmp (answer, "n") == 0 || strcasecmp (answer, "no") == 0;
        bool is_empty = !*answer;
        free (answer);
        if (self->end != CLI_PROMPT_GOOD)
            break;
        if (is_yes || is_no || is_empty)
            return is_empty ? otherwise : is_yes;
        s_puts (self, "  Answer y or n.\n");
    }
    return false;
}

char *
cli_prompt_line (cli_prompt_t *self, const char *question, const char *otherwise)
{
    if (self->end != CLI_PROMPT_GOOD)
        return br_strdup ("");
    s_question (self, question);
    if (*otherwise)
        cli_prompt_say (self, " [%s]", otherwise);
    s_puts (self, ": ");
    char *answer = s_read_line (self, SHOWN);
    if (*answer || self->end != CLI_PROMPT_GOOD)
        return answer;
    free (answer);
    return br_strdup (otherwise);
}

char *
cli_prompt_secret (cli_prompt_t *self, const char *question)
{
    if (self->end != CLI_PROMPT_GOOD)
        return br_strdup ("");
    s_question (self, question);
    s_puts (self, ": ");
    return s_read_line (self, HIDDEN);
}

void
cli_prompt_forget (char **secret_p)
{
    if (!secret_p || !*secret_p)
        return;
    sodium_memzero (*secret_p, strlen (*secret_p));
    free (*secret_p);
    *secret_p = NULL;
}
