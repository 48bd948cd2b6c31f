//  form: finds short text fields of a multipart/form-data body and their byte ranges, in one
//  walk over one contiguous buffer, without a copy. What stands in the parts of other names,
//  files above all, is crossed and not looked at; or all texts are told.
//  src:  RFC 7578, RFC 2046 section 5.1

#ifndef BR_FORM_H
#define BR_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"

#define FORM_BOUNDARY_MAX 70 //  bytes, as RFC 2046 says
#define FORM_PARTS_MAX 1024  //  of one body
#define FORM_HEAD_MAX 4096   //  bytes of the header lines of a part

//  A field to look for, and what was found.
typedef struct _form_row_t {
    const char *name; //  in: borrowed while the walk lasts
    size_t offset;    //  of the value in the buffer
    size_t size;      //  bytes of the value
    size_t count;     //  how often the field stands there; the range is the last one's
} form_row_t;

//  A text: a part without a filename, one whose type says that it is text or JSON, or one
//  that says no type and has the name of a field of words (prompt, text, input). name:
//  size bytes, not unescaped. ret: 0, or anything else to end the walk
typedef struct _form_text_t {
    const char *name; //  borrowed
    size_t name_size; //  bytes
    size_t at;        //  of the value in the buffer
    size_t size;      //  bytes of the value
} form_text_t;
typedef int (form_text_fn) (void *arg, const form_text_t *text);

//  A walk under way; its members are its own.
typedef struct _form_scan_t {
    const uint8_t *bytes;             //  borrowed
    size_t end;                       //  bytes in all
    size_t at;                        //  what is in front of it is walked
    char line[FORM_BOUNDARY_MAX + 5]; //  CR LF "--" and the boundary
    size_t line_size;                 //  bytes
    form_row_t *rows;                 //  borrowed
    size_t nrows;
    form_row_t *row;  //  of the part under way, or NULL
    size_t value_at;  //  where its value starts
    size_t parts;     //  that have begun
    form_text_fn *fn; //  of texts, or NULL
    void *arg;        //  borrowed
    bool is_text;     //  the part under way is one
    form_text_t text;
    int told; //  what fn has returned
} form_scan_t;

//  Whether a Content-Type is multipart/form-data.
bool form_is (const char *content_type);

//  Starts a walk; bytes and rows stay borrowed until it ends. There is nothing to release.
//  err:  BR_EINVALID the type names no boundary, none that may be one, or several
int form_scan_begin (form_scan_t *self, const char *content_type, const void *bytes,
                     size_t size, form_row_t *rows, size_t nrows, br_error_t *reterr);

//  Tells texts too, each when it has ended. Then a part whose bytes are encoded (base64,
//  quoted-printable) breaks the walk.
void form_scan_tell (form_scan_t *self, form_text_fn *fn, void *arg);

//  Whether the body begins with the boundary that its type names, as all clients write it.
bool form_begins (const char *content_type, const void *bytes, size_t size);

//  Walks about slice bytes on.
//  ret:  1 = there is more to do, 0 = the closing boundary was found, -1 = broken, or a text
//        has ended it
//  err:  BR_EINVALID
int form_scan_step (form_scan_t *self, size_t slice, br_error_t *reterr);

#endif
