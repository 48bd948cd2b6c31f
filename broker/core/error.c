//  error: codes and texts, from the one table.

#include <stdarg.h>
#include <stdio.h>

#include "broker/core/error.h"

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
