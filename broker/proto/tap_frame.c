//  tap_frame: what the tap readers of all protocols do with one JSON object.

#include <string.h>

#include "broker/core/json_value.h"
#include "broker/proto/tap_frame.h"

json_row_t
tap_object (size_t size)
{
    return (json_row_t) { .type = JSON_OBJECT, .size = size };
}

int
tap_members (const uint8_t *bytes, const json_row_t *object, json_row_t *rows,
             size_t nrows)
{
    for (size_t i = 0; i < nrows; i++)
        rows[i] = (json_row_t) { .key = rows[i].key };
    if (object->type != JSON_OBJECT)
        return 0;
    if (json_members (bytes + object->offset, object->size, rows, nrows, NULL))
        return -1;
    for (size_t i = 0; i < nrows; i++)
        rows[i].offset += object->offset;
    return 0;
}

json_type_t
tap_member (const uint8_t *bytes, const json_row_t *object, const char *key,
            json_row_t *ret_row)
{
    *ret_row = (json_row_t) { .key = key };
    if (tap_members (bytes, object, ret_row, 1))
        *ret_row = (json_row_t) { .key = key };
    return ret_row->type;
}

void
tap_text (const uint8_t *bytes, const json_row_t *row, char *out, size_t room)
{
    if (row->type == JSON_STRING)
        (void) json_text (bytes + row->offset, row->size, out, room); // "" if too long
    if (row->type == JSON_NUMBER && row->size < room) {
        memcpy (out, bytes + row->offset, row->size);
        out[row->size] = 0;
    }
}

void
tap_first_text (const uint8_t *bytes, const json_row_t *row, char *out, size_t room)
{
    if (out[0] == 0)
        tap_text (bytes, row, out, room);
}

void
tap_first_member (const uint8_t *bytes, const json_row_t *object, const char *key,
                  char *out, size_t room)
{
    json_row_t row;
    (void) tap_member (bytes, object, key, &row);
    tap_first_text (bytes, &row, out, room);
}

bool
tap_is_error (const json_row_t *row)
{
    return (row->type == JSON_OBJECT || row->type == JSON_STRING) && row->size > 2;
}

bool
tap_is_done_mark (const uint8_t *data, size_t size)
{
    return size == 6 && memcmp (data, "[DONE]", 6) == 0;
}

//  ---- kinds of events

static const tap_kind_t *
s_kind (const tap_kind_t *kind, const char *name, size_t size)
{
    while (kind->name
           && (strlen (kind->name) != size || memcmp (kind->name, name, size) != 0))
        kind++;
    return kind;
}

//  Nearly everybody who leaves names out puts the type in front: then no walk is needed.
static const uint8_t *
s_type_in_front (const uint8_t *data, size_t size, size_t *ret_size)
{
    static const char front[] = "{\"type\":\"";
    size_t skip = sizeof front - 1;
    if (size < skip || memcmp (data, front, skip) != 0)
        return NULL;
    const uint8_t *end = memchr (data + skip, '"', size - skip);
    *ret_size = end ? (size_t) (end - data) - skip : 0;
    return end ? data + skip : NULL;
}

//  NULL when it is no valid object.
static const tap_kind_t *
s_kind_by_type (const tap_kind_t *kinds, const uint8_t *data, size_t size)
{
    size_t type_size;
    const uint8_t *type = s_type_in_front (data, size, &type_size);
    if (type)
        return s_kind (kinds, (const char *) type, type_size);
    json_row_t object = tap_object (size);
    json_row_t row = { .key = "type" };
    char text[TAP_WORD_MAX] = "";
    if (tap_members (data, &object, &row, 1))
        return NULL;
    tap_text (data, &row, text, sizeof text);
    return s_kind (kinds, text, strlen (text));
}

tap_first_t
tap_read_event (const tap_kind_t *kinds, tap_result_t *result, const char *name,
                const uint8_t *data, size_t size)
{
    if (tap_is_done_mark (data, size))
        return TAP_NOTHING;
    const tap_kind_t *kind = s_kind (kinds, name, strlen (name));
    if (!kind->name)
        kind = s_kind_by_type (kinds, data, size);
    if (kind)
        return kind->read ? kind->read (result, data, size) : kind->first;
    result->unknown = true;
    return TAP_DATA;
}
