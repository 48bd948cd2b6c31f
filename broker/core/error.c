//  error: codes and texts, from the one table.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "broker/core/error.h"
#include "broker/core/json_value.h"

typedef struct {
    const char *name;
    const char *type;
    const char *label;
    const char *about;
    unsigned status;
} error_row_t;

static const error_row_t s_rows[BR_ERROR_COUNT] = {
#define BR_ERROR(code, http, kind, word, doc)                                            \
    [BR_##code] = { #code, kind, word, doc, http },
#include "broker/core/br_errors.def"
#undef BR_ERROR
};

static const error_row_t *
s_row (br_code_t code)
{
    return (unsigned) code < BR_ERROR_COUNT ? &s_rows[code] : &s_rows[BR_EINTERNAL];
}

//  A stranger's word in a text may be broken, or cut within a character by its bound: each
//  byte that is no UTF-8 becomes '?', since texts go out as JSON.
static void
s_mend (char *text)
{
    const char *end = text + strlen (text);
    while (text < end) {
        bool is_plain = (*text & 0x80) == 0;
        size_t size = is_plain ? 1 : json_utf8 ((uint8_t *) text, (const uint8_t *) end);
        if (size == 0)
            *text = '?';
        text += size ? size : 1;
    }
}

int
br_error_set (br_error_t *reterr, br_code_t code, const char *format, ...)
{
    if (!reterr)
        return -1;
    reterr->code = code;
    va_list args;
    va_start (args, format);
    vsnprintf (reterr->text, sizeof reterr->text, format, args);
    va_end (args);
    s_mend (reterr->text);
    return -1;
}

const char *
br_code_name (br_code_t code)
{
    return s_row (code)->name;
}

const char *
br_code_type (br_code_t code)
{
    return s_row (code)->type;
}

const char *
br_code_label (br_code_t code)
{
    return s_row (code)->label;
}

br_code_t
br_code_of_label (const char *label)
{
    for (size_t i = 0; i < sizeof s_rows / sizeof *s_rows; i++)
        if (strcmp (s_rows[i].label, label) == 0)
            return (br_code_t) i;
    return BR_EINTERNAL;
}

const char *
br_code_about (br_code_t code)
{
    return s_row (code)->about;
}

unsigned
br_code_status (br_code_t code)
{
    return s_row (code)->status;
}
