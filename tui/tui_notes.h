//  tui_notes: lines of what happened, and what guardrails found: two rings, whose oldest
//  entries go.

#ifndef BR_TUI_NOTES_H
#define BR_TUI_NOTES_H

#include <stddef.h>
#include <stdint.h>

#include "tui/tui_cells.h"

#define TUI_NOTES_MAX 1000   //  lines
#define TUI_NOTE_TEXT 240    //  bytes of a line
#define TUI_NOTE_SOURCE 48   //  bytes
#define TUI_FINDINGS_MAX 500 //  of guardrails
#define TUI_FINDING_WORD 96  //  bytes

typedef struct _tui_note_t {
    uint64_t number;              //  grows by one
    uint64_t time_ms;             //  unix; 0 = not known
    tui_style_t style;            //  how bad it is
    char source[TUI_NOTE_SOURCE]; //  the event, or "log"
    char text[TUI_NOTE_TEXT];
} tui_note_t;

typedef struct _tui_finding_t {
    uint64_t number; //  grows by one
    uint64_t time_ms;
    uint64_t count;
    char call[TUI_FINDING_WORD];
    char direction[TUI_FINDING_WORD];
    char place[TUI_FINDING_WORD];
    char family[TUI_FINDING_WORD];
    char pattern[TUI_FINDING_WORD];
    char action[TUI_FINDING_WORD];
    char masked[TUI_FINDING_WORD];
    int failed; //  1: it could not be looked for to the end
} tui_finding_t;

typedef struct _tui_notes_t tui_notes_t;

tui_notes_t *tui_notes_new (void); //  "caller destroys"
void tui_notes_destroy (tui_notes_t **self_p);

//  Texts are cut to fit.
void tui_notes_add (tui_notes_t *self, uint64_t time_ms, tui_style_t style,
                    const char *source, const char *format, ...)
    __attribute__ ((format (printf, 5, 6)));

//  A new finding, all of it zero but its number, to be filled. "owned by self"
tui_finding_t *tui_notes_find (tui_notes_t *self);

//  From the newest (0) to the oldest. "owned by self, until next change"
size_t tui_notes_count (const tui_notes_t *self);
const tui_note_t *tui_notes_at (const tui_notes_t *self, size_t index);
size_t tui_notes_findings (const tui_notes_t *self);
const tui_finding_t *tui_notes_finding (const tui_notes_t *self, size_t index);

#endif
