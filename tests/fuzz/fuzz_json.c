//  Fuzzer of the JSON walk: slices do not matter, rows lie inside, and whoever walks into a
//  valid text finds valid parts.

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/json_iter.h"
#include "broker/core/json_value.h"
#include "broker/proto/request.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

static int
s_walk (const uint8_t *bytes, size_t size, size_t slice, json_scan_t *scan)
{
    json_scan_begin (scan, bytes, size, NULL, 0);
    int rc = 1;
    while (rc == 1)
        rc = json_scan_step (scan, slice, NULL);
    return rc;
}

//  A valid value holds valid items all the way down.
static void
s_descend (const uint8_t *bytes, size_t size, int depth)
{
    json_iter_t iter;
    json_item_t item;
    if (depth == 4 || json_iter_begin (&iter, bytes, size, NULL))
        return;
    int rc = json_iter_next (&iter, &item, NULL);
    while (rc == 1) {
        assert (item.offset + item.size <= size);
        if (item.type == JSON_OBJECT || item.type == JSON_ARRAY)
            s_descend (bytes + item.offset, item.size, depth + 1);
        rc = json_iter_next (&iter, &item, NULL);
    }
    assert (rc == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    json_scan_t whole;
    json_scan_t sliced;
    int rc = s_walk (bytes, size, SIZE_MAX, &whole);
    for (size_t slice = 1; slice < 24; slice += 5) {
        assert (s_walk (bytes, size, slice, &sliced) == rc);
        assert (rc || (sliced.offset == whole.offset && sliced.size == whole.size));
        assert (rc == 0 || sliced.at == whole.at);
    }
    if (rc == 0)
        s_descend (bytes, size, 0);
    json_row_t rows[] = { { .key = "model" }, { .key = "a" } };
    if (json_members (bytes, size, rows, 2, NULL) == 0)
        for (size_t i = 0; i < 2; i++)
            assert (rows[i].count == 0
                    || (rows[i].size && rows[i].offset + rows[i].size <= size));
    request_t request;
    if (request_scan (bytes, size, &request, NULL) == 0)
        assert (rc == 0 && request.model[0] && bytes[request.model_offset] == '"');
    br_buf_t text;
    br_buf_init (&text, 1000);
    int64_t number;
    json_string (bytes, size, &text, NULL);
    json_integer (bytes, size, &number, NULL);
    br_buf_free (&text);
    return 0;
}
