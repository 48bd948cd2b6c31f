//  Fuzzer of what is read of a request before its call is opened: a multipart body gives the
//  same fields in any split, all inside of it, and so are its texts; a path gives a surface and a name that ends.

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/proto/form.h"
#include "broker/proto/form_texts.h"
#include "broker/proto/surface.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

static int
s_walk (const uint8_t *bytes, size_t size, size_t slice, form_row_t *row)
{
    form_scan_t scan;
    br_error_t error = { 0 };
    *row = (form_row_t) { .name = "model" };
    int rc = form_scan_begin (&scan, "multipart/form-data; boundary=b", bytes, size, row,
                              1, &error);
    assert (rc == 0);
    do
        rc = form_scan_step (&scan, slice, &error);
    while (rc > 0);
    assert (rc == 0 || error.code == BR_EINVALID);
    return rc;
}

static void
s_try_form (const uint8_t *bytes, size_t size)
{
    form_row_t whole, split;
    int rc = s_walk (bytes, size, SIZE_MAX, &whole);
    for (size_t slice = 1; slice < 8; slice++) {
        int again = s_walk (bytes, size, slice, &split);
        assert (again == rc);
        if (rc)
            continue;
        assert (split.count == whole.count);
        assert (split.offset == whole.offset && split.size == whole.size);
    }
    if (rc == 0)
        assert (whole.offset <= size && whole.size <= size - whole.offset);
}

static int
s_on_text (void *arg, const br_text_span_t *span)
{
    const size_t *size = arg;
    assert (span->at <= *size && span->size <= *size - span->at);
    return 0;
}

static void
s_try_texts (const uint8_t *bytes, size_t size)
{
    br_error_t error = { 0 };
    int rc = form_texts (bytes, size, s_on_text, &size, &error);
    assert (rc == 0 || error.code == BR_EINVALID);
}

static void
s_try_path (const uint8_t *bytes, size_t size)
{
    static const char *const methods[] = { "GET", "POST", "DELETE" };
    char *path = malloc (size + 1);
    memcpy (path, bytes, size);
    path[size] = 0;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        bool known;
        char name[64];
        br_surface_t surface = br_surface_of (methods[i], path, &known);
        if (br_surface_name (surface, path, name, sizeof name) == 0)
            assert (*name && strlen (name) < sizeof name);
        assert (surface == BR_SURFACE_NONE || known);
    }
    (void) br_surface_unserved (path);
    assert (br_surface_wire_of (path) < BR_PROTOCOL_COUNT);
    free (path);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc (size ? size : 1); //  exact, so that a read behind it is seen
    if (size)
        memcpy (copy, bytes, size);
    s_try_form (copy, size);
    s_try_texts (copy, size);
    s_try_path (copy, size);
    free (copy);
    return 0;
}
