//  specimen: the oracle. It looks at the whole text at once, once as it stands and once with
//  the escapes of JSON undone, and marks each byte of the secret's text that is in a match.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_channel.h"
#include "broker/proto/text_string.h"
#include "tests/guard/specimen.h"

#define HEAD "{\"" CARRIER_KEY "\":\""
#define TAIL "\"}"
#define LEAST 4           //  bytes of a match that is short and counts
#define WINDOWS_MAX 4096  //  of one text
#define SIEVE_BYTES 8192u //  a bit for each hash of a window

//  One character of the text.
typedef struct {
    size_t at; //  in the text
    size_t size;
    size_t inside_at; //  as it travels
    size_t inside_size;
    bool is_redacted;
} letter_t;

typedef struct {
    uint8_t sieve[SIEVE_BYTES];
    br_text_t rows[WINDOWS_MAX];
    size_t count;
} windows_t;

struct _specimen_t {
    const char *text; //  borrowed
    size_t size;
    carrier_form_t form;
    letter_t *letters;
    size_t count;
    br_buf_t inside;
    br_buf_t wanted;
    br_buf_t said; //  the text alone, redacted
    bool of_view;  //  the text that is looked at is the one without escapes
    size_t first;  //  of all matches, in what travels
    bool is_empty;
    windows_t *windows; //  owned
};

//  ---- letters

static void
s_add_letters (specimen_t *self, carrier_style_t style)
{
    bool is_json = self->form != CARRIER_TEXT;
    br_buf_adds (&self->inside, is_json ? HEAD : "");
    for (size_t at = 0; at < self->size;) {
        letter_t *letter = &self->letters[self->count];
        br_buf_t raw;
        br_buf_init (&raw, 64);
        size_t size = carrier_escape (style, self->count, self->text + at,
                                      self->size - at, &raw);
        if (!is_json) {
            br_buf_clear (&raw);
            br_buf_add (&raw, self->text + at, size);
        }
        *letter = (letter_t) { at, size, self->inside.size, raw.size, false };
        br_buf_add (&self->inside, raw.data, raw.size);
        br_buf_free (&raw);
        at += size;
        self->count++;
    }
    br_buf_adds (&self->inside, is_json ? TAIL : "");
}

static void
s_found (void *arg, const guard_finding_t *finding)
{
    specimen_t *self = arg;
    size_t shift = self->form != CARRIER_TEXT && self->of_view ? sizeof HEAD - 1 : 0;
    size_t from = (size_t) finding->at;
    size_t to = from + finding->size;
    size_t first = from < shift ? from : self->inside.size;
    for (size_t i = 0; i < self->count; i++) {
        letter_t *letter = &self->letters[i];
        size_t at = self->of_view ? letter->at + shift : letter->inside_at;
        size_t size = self->of_view ? letter->size : letter->inside_size;
        if (from >= at + size || to <= at)
            continue;
        letter->is_redacted = true;
        self->is_empty = false;
        first = letter->inside_at < first ? letter->inside_at : first;
    }
    first = !self->of_view && from < first ? from : first;
    self->first = first < self->first ? first : self->first;
}

static void
s_look (specimen_t *self, const guard_rules_t *rules, guard_direction_t direction,
        br_text_t text, bool of_view)
{
    self->of_view = of_view;
    guard_text_t *engine = guard_text_new (rules, 1, direction, GUARD_REDACT,
                                           GUARD_REDACT, s_found, self);
    int rc = guard_text_push (engine, text.at, text.size);
    assert (rc == 0);
    rc = guard_text_end (engine);
    assert (rc == 0);
    guard_text_destroy (&engine);
}

static void
s_look_at_all (specimen_t *self, const guard_rules_t *rules, guard_direction_t direction)
{
    s_look (self, rules, direction, specimen_inside (self), false);
    if (self->form == CARRIER_TEXT)
        return;
    br_buf_t view;
    br_buf_init (&view, CARRIER_MAX);
    br_buf_addf (&view, "%s%s%s", HEAD, self->text, TAIL);
    s_look (self, rules, direction, (br_text_t) { br_buf_text (&view), view.size }, true);
    br_buf_free (&view);
}

//  ---- life

static void
s_write (specimen_t *self)
{
    bool is_json = self->form != CARRIER_TEXT;
    br_buf_adds (&self->wanted, is_json ? HEAD : "");
    for (size_t i = 0; i < self->count; i++) {
        const letter_t *letter = &self->letters[i];
        bool goes_on = i > 0 && self->letters[i - 1].is_redacted;
        if (letter->is_redacted) {
            br_buf_adds (&self->wanted, goes_on ? "" : GUARD_REDACTED);
            br_buf_adds (&self->said, goes_on ? "" : GUARD_REDACTED);
            continue;
        }
        br_buf_add (&self->wanted, self->inside.data + letter->inside_at,
                    letter->inside_size);
        br_buf_add (&self->said, self->text + letter->at, letter->size);
    }
    br_buf_adds (&self->wanted, is_json ? TAIL : "");
}

specimen_t *
specimen_new (const guard_rules_t *rules, guard_direction_t direction,
              carrier_form_t form, carrier_style_t style, const char *text)
{
    specimen_t *self = BR_NEW (specimen_t);
    self->text = text;
    self->size = strlen (text);
    self->form = form;
    self->letters = br_alloc (self->size + 1, sizeof *self->letters);
    self->is_empty = true;
    self->windows = BR_NEW (windows_t);
    br_buf_init (&self->inside, CARRIER_MAX);
    br_buf_init (&self->wanted, CARRIER_MAX);
    br_buf_init (&self->said, CARRIER_MAX);
    s_add_letters (self, style);
    self->first = self->inside.size;
    s_look_at_all (self, rules, direction);
    s_write (self);
    return self;
}

void
specimen_destroy (specimen_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    specimen_t *self = *self_p;
    br_buf_free (&self->said);
    br_buf_free (&self->wanted);
    br_buf_free (&self->inside);
    free (self->letters);
    free (self->windows);
    free (self);
    *self_p = NULL;
}

bool
specimen_is_empty (const specimen_t *self)
{
    return self->is_empty;
}

br_text_t
specimen_inside (const specimen_t *self)
{
    return (br_text_t) { (const char *) self->inside.data, self->inside.size };
}

br_text_t
specimen_wanted (const specimen_t *self)
{
    return (br_text_t) { (const char *) self->wanted.data, self->wanted.size };
}

br_text_t
specimen_text (const specimen_t *self)
{
    return (br_text_t) { (const char *) self->said.data, self->said.size };
}

size_t
specimen_from (const specimen_t *self)
{
    size_t i = 0;
    while (i < self->count && !self->letters[i].is_redacted)
        i++;
    return i < self->count ? self->letters[i].inside_at : self->inside.size;
}

size_t
specimen_to (const specimen_t *self)
{
    size_t i = self->count;
    while (i > 0 && !self->letters[i - 1].is_redacted)
        i--;
    return i ? self->letters[i - 1].inside_at + self->letters[i - 1].inside_size : 0;
}

size_t
specimen_first (const specimen_t *self)
{
    return self->first;
}

void
specimen_write_wanted (const specimen_t *self, carrier_style_t style, br_buf_t *out)
{
    assert (self->form == CARRIER_TEXT);
    for (size_t i = 0; i < self->count; i++) {
        const letter_t *letter = &self->letters[i];
        if (!letter->is_redacted)
            carrier_escape (style, i, self->text + letter->at, letter->size, out);
        else if (i == 0 || !self->letters[i - 1].is_redacted)
            br_buf_adds (out, GUARD_REDACTED);
    }
}

//  ---- what is seen

static unsigned
s_hash (const char *at)
{
    uint32_t word = 0;
    memcpy (&word, at, sizeof word);
    return (word * 2654435761u) >> 16;
}

static void
s_add_window (windows_t *windows, const char *at, size_t size, br_text_t wanted,
              br_text_t said, br_text_t bare)
{
    bool is_free = memmem (wanted.at, wanted.size, at, size)
                   || memmem (said.at, said.size, at, size)
                   || memmem (bare.at, bare.size, at, size);
    if (is_free)
        return;
    assert (windows->count < WINDOWS_MAX);
    unsigned hash = s_hash (at);
    windows->sieve[hash / 8] |= (uint8_t) (1u << hash % 8);
    windows->rows[windows->count++] = (br_text_t) { at, size };
}

//  Of each match, from its first letter to its last.
void
specimen_hide (specimen_t *self, br_text_t bare)
{
    windows_t *windows = self->windows;
    *windows = (windows_t) { .count = 0 };
    for (size_t i = 0; i < self->count; i++) {
        if (!self->letters[i].is_redacted)
            continue;
        size_t from = self->letters[i].at;
        while (i + 1 < self->count && self->letters[i + 1].is_redacted)
            i++;
        size_t size = self->letters[i].at + self->letters[i].size - from;
        size_t width = size < SPECIMEN_WINDOW ? size : SPECIMEN_WINDOW;
        for (size_t k = 0; width >= LEAST && k + width <= size; k++)
            s_add_window (windows, self->text + from + k, width, specimen_wanted (self),
                          specimen_text (self), bare);
    }
}

static bool
s_is_seen (const windows_t *windows, const br_buf_t *out)
{
    const char *bytes = (const char *) out->data;
    for (size_t at = 0; at + LEAST <= out->size; at++) {
        unsigned hash = s_hash (bytes + at);
        if (!(windows->sieve[hash / 8] >> hash % 8 & 1))
            continue;
        for (size_t i = 0; i < windows->count; i++)
            if (windows->rows[i].size <= out->size - at
                && memcmp (windows->rows[i].at, bytes + at, windows->rows[i].size) == 0)
                return true;
    }
    return false;
}

static void
s_undo (const br_buf_t *raw, br_buf_t *out)
{
    text_string_t string;
    text_string_init (&string);
    text_string_push (&string, raw->data, raw->size, out);
    text_string_end (&string, out);
    text_string_free (&string);
}

bool
specimen_is_seen (const specimen_t *self, br_text_t out)
{
    const windows_t *windows = self->windows;
    br_buf_t raw, once, twice;
    br_buf_init (&raw, CARRIER_MAX);
    br_buf_init (&once, CARRIER_MAX);
    br_buf_init (&twice, CARRIER_MAX);
    br_buf_add (&raw, out.at, out.size);
    s_undo (&raw, &once);
    bool is_seen = s_is_seen (windows, &raw) || s_is_seen (windows, &once);
    if (self->form != CARRIER_TEXT && !is_seen) {
        s_undo (&once, &twice);
        is_seen = s_is_seen (windows, &twice);
    }
    br_buf_free (&twice);
    br_buf_free (&once);
    br_buf_free (&raw);
    return is_seen;
}
