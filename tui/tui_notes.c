//  tui_notes: two rings.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker/core/alloc.h"
#include "tui/tui_notes.h"
#include "tui/tui_text.h"

struct _tui_notes_t {
    uint64_t notes_ever, findings_ever; //  counts
    tui_note_t notes[TUI_NOTES_MAX];
    tui_finding_t findings[TUI_FINDINGS_MAX];
};

tui_notes_t *
tui_notes_new (void)
{
    return BR_NEW (tui_notes_t);
}

void
tui_notes_destroy (tui_notes_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free (*self_p);
    *self_p = NULL;
}

void
tui_notes_add (tui_notes_t *self, uint64_t time_ms, tui_style_t style, const char *source,
               const char *format, ...)
{
    char text[2 * TUI_NOTE_TEXT];
    va_list args;
    va_start (args, format);
    vsnprintf (text, sizeof text, format, args);
    va_end (args);
    tui_note_t *note = &self->notes[self->notes_ever % TUI_NOTES_MAX];
    *note = (tui_note_t) { .number = ++self->notes_ever,
                           .time_ms = time_ms,
                           .style = style };
    tui_text_copy (note->source, sizeof note->source, source);
    tui_text_copy (note->text, sizeof note->text, text);
}

tui_finding_t *
tui_notes_find (tui_notes_t *self)
{
    tui_finding_t *finding = &self->findings[self->findings_ever % TUI_FINDINGS_MAX];
    *finding = (tui_finding_t) { .number = ++self->findings_ever };
    return finding;
}

size_t
tui_notes_count (const tui_notes_t *self)
{
    return self->notes_ever < TUI_NOTES_MAX ? self->notes_ever : TUI_NOTES_MAX;
}

const tui_note_t *
tui_notes_at (const tui_notes_t *self, size_t index)
{
    return &self->notes[(self->notes_ever - 1 - index) % TUI_NOTES_MAX];
}

size_t
tui_notes_findings (const tui_notes_t *self)
{
    return self->findings_ever < TUI_FINDINGS_MAX ? self->findings_ever
                                                  : TUI_FINDINGS_MAX;
}

const tui_finding_t *
tui_notes_finding (const tui_notes_t *self, size_t index)
{
    return &self->findings[(self->findings_ever - 1 - index) % TUI_FINDINGS_MAX];
}
