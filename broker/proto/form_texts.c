//  form_texts: a walk of form, and what is told of it.

#include <string.h>

#include "broker/proto/form.h"
#include "broker/proto/form_texts.h"

#define TYPE_MAX 128 //  bytes of the type that is made up

typedef struct {
    br_text_fn *fn;
    void *arg;
} told_t;

static int
s_tell (void *arg, const form_text_t *text)
{
    const told_t *told = arg;
    if (text->name_size == 5 && memcmp (text->name, "model", 5) == 0)
        return 0;
    const br_text_span_t span = {
        .place = BR_TEXT_USER, .form = BR_TEXT_RAW, .at = text->at, .size = text->size
    };
    return told->fn (told->arg, &span);
}

//  The type of a body that begins so.
static int
s_make_type (const char *bytes, size_t size, char type[TYPE_MAX], br_error_t *reterr)
{
    size_t room = size < FORM_BOUNDARY_MAX + 4 ? size : FORM_BOUNDARY_MAX + 4;
    const char *end = room ? memchr (bytes, '\r', room) : NULL;
    size_t length = end ? (size_t) (end - bytes) : 0;
    if (length < 3 || memcmp (bytes, "--", 2) != 0 || memchr (bytes, '"', length)
        || memchr (bytes, '\\', length) || memchr (bytes, 0, length))
        return br_error_set (reterr, BR_EINVALID,
                             "the multipart body begins with no boundary");
    strcpy (type, "multipart/form-data; boundary=\"");
    strncat (type, bytes + 2, length - 2);
    strcat (type, "\"");
    return 0;
}

int
form_texts (const void *bytes, size_t size, br_text_fn *fn, void *arg, br_error_t *reterr)
{
    char type[TYPE_MAX];
    form_scan_t scan;
    told_t told = { fn, arg };
    if (s_make_type (bytes, size, type, reterr)
        || form_scan_begin (&scan, type, bytes, size, NULL, 0, reterr))
        return -1;
    form_scan_tell (&scan, s_tell, &told);
    int rc = form_scan_step (&scan, size, reterr);
    while (rc > 0)
        rc = form_scan_step (&scan, size, reterr);
    return scan.told ? scan.told : rc;
}
