//  json_iter: the items of one JSON object or array. Each item is walked over with json.c's
//  scan; between them stand only commas, colons and blanks.

#include "broker/core/json_iter.h"

static bool
s_is_blank (uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

//  An iteration that broke stays broken.
static int
s_broken (json_iter_t *self, size_t at, const char *what, br_error_t *reterr)
{
    self->broken = true;
    return br_error_set (reterr, BR_EINVALID, "no valid JSON at byte %zu: %s", at, what);
}

static void
s_blanks (json_iter_t *self)
{
    while (self->at < self->end && s_is_blank (self->bytes[self->at]))
        self->at++;
}

//  Takes this byte and the blanks behind it.
static bool
s_take (json_iter_t *self, uint8_t byte)
{
    if (self->at == self->end || self->bytes[self->at] != byte)
        return false;
    self->at++;
    s_blanks (self);
    return true;
}

//  Walks over the value at self->at and the blanks behind it.
static int
s_value (json_iter_t *self, json_scan_t *ret_scan, br_error_t *reterr)
{
    json_scan_begin (ret_scan, self->bytes, self->end, NULL, 0);
    ret_scan->at = self->at;
    ret_scan->prefix = true;
    int rc = json_scan_step (ret_scan, SIZE_MAX, reterr);
    if (rc) {
        self->broken = true;
        return -1;
    }
    self->at = ret_scan->at;
    s_blanks (self);
    return 0;
}

int
json_iter_begin (json_iter_t *self, const void *bytes, size_t size, br_error_t *reterr)
{
    *self = (json_iter_t) { .bytes = bytes, .end = size };
    s_blanks (self);
    bool is_object = s_take (self, '{');
    if (!is_object && !s_take (self, '['))
        return s_broken (self, self->at, "an object or an array is expected", reterr);
    self->close = is_object ? '}' : ']';
    return 0;
}

//  The end of the items: nothing but blanks may follow.
static int
s_end (json_iter_t *self, br_error_t *reterr)
{
    if (self->at < self->end)
        return s_broken (self, self->at, "something follows the value", reterr);
    self->close = 0;
    return 0;
}

int
json_iter_next (json_iter_t *self, json_item_t *ret_item, br_error_t *reterr)
{
    if (self->broken)
        return s_broken (self, self->at, "the walk has failed before", reterr);
    if (self->close == 0)
        return 0;
    if (s_take (self, self->close))
        return s_end (self, reterr);
    if (self->count && !s_take (self, ','))
        return s_broken (self, self->at, "a comma or a closing bracket is expected",
                         reterr);
    json_item_t item = { 0 };
    json_scan_t scan;
    if (self->close == '}') {
        int rc = s_value (self, &scan, reterr);
        if (rc)
            return -1;
        item.key_offset = scan.offset;
        item.key_size = scan.size;
        if (scan.type != JSON_STRING || !s_take (self, ':'))
            return s_broken (self, scan.offset, "a member's name in quotes is expected",
                             reterr);
    }
    int rc = s_value (self, &scan, reterr);
    if (rc)
        return -1;
    item.type = scan.type;
    item.offset = scan.offset;
    item.size = scan.size;
    self->count++;
    *ret_item = item;
    return 1;
}
