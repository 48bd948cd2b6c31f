//  error: why a call failed. The codes live in br_errors.def and nowhere else; the text
//  says what was attempted, on what, and what to do next. Texts never hold a secret.

#ifndef BR_ERROR_H
#define BR_ERROR_H

#include <stdint.h>

typedef enum {
#define BR_ERROR(code, status, type, name, doc) BR_##code,
#include "broker/core/br_errors.def"
#undef BR_ERROR
    BR_ERROR_COUNT
} br_code_t;

#define BR_ERROR_TEXT_MAX 480 //  bytes of text, with its end

typedef struct _br_error_t {
    br_code_t code;
    char text[BR_ERROR_TEXT_MAX];
} br_error_t;

//  Sets code and text; reterr may be NULL. Returns -1, so that a caller can return it.
int br_error_set (br_error_t *reterr, br_code_t code, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

//  The row of a code. Codes out of range give the row of EINTERNAL.
const char *br_code_name (br_code_t code);      //  "EBUSY"
const char *br_code_type (br_code_t code);      //  "overloaded_error"
const char *br_code_label (br_code_t code);     //  "overloaded"
br_code_t br_code_of_label (const char *label); //  BR_EINTERNAL for one that is none
const char *br_code_about (br_code_t code);     //  one line of doc
unsigned br_code_status (br_code_t code);       //  HTTP status

#endif
