//  guard_members: the members of one JSON object.

#include "broker/core/json_lex.h"
#include "broker/guard/guard_members.h"

static guard_members_rc_t
s_break (guard_members_t *self, const char *what, br_error_t *reterr)
{
    self->is_broken = true;
    br_error_set (reterr, BR_EINVALID, "no valid JSON at byte %zu: %s", self->at, what);
    return GUARD_MEMBERS_BROKEN;
}

static void
s_blanks (guard_members_t *self)
{
    while (self->at < self->size && json_lex_is_blank (self->bytes[self->at]))
        self->at++;
}

//  Takes this byte and the blanks behind it.
static bool
s_take (guard_members_t *self, uint8_t byte)
{
    if (self->at == self->size || self->bytes[self->at] != byte)
        return false;
    self->at++;
    s_blanks (self);
    return true;
}

static void
s_begin_scan (guard_members_t *self)
{
    json_scan_begin (&self->scan, self->bytes, self->size, NULL, 0);
    self->scan.at = self->at;
    self->scan.prefix = true;
}

int
guard_members_begin (guard_members_t *self, const void *bytes, size_t size,
                     br_error_t *reterr)
{
    *self = (guard_members_t) { .bytes = bytes, .size = size };
    s_blanks (self);
    if (s_take (self, '{'))
        return 0;
    self->is_broken = true;
    return br_error_set (reterr, BR_EINVALID, "the body is no JSON object");
}

//  What stands in front of the next key. ret: ITEM when there is one
static guard_members_rc_t
s_begin_member (guard_members_t *self, br_error_t *reterr)
{
    if (s_take (self, '}')) {
        self->state = GUARD_MEMBERS_OVER;
        return self->at == self->size
                   ? GUARD_MEMBERS_END
                   : s_break (self, "something follows the value", reterr);
    }
    if (self->count && !s_take (self, ','))
        return s_break (self, "a comma or a closing bracket is expected", reterr);
    self->state = GUARD_MEMBERS_KEY;
    s_begin_scan (self);
    return GUARD_MEMBERS_ITEM;
}

//  Goes on with a key or a value. ret: ITEM when it is through
static guard_members_rc_t
s_scan (guard_members_t *self, size_t *left, br_error_t *reterr)
{
    size_t from = self->scan.at;
    int rc = json_scan_step (&self->scan, *left, reterr);
    size_t walked = self->scan.at - from;
    *left -= walked < *left ? walked : *left;
    if (rc < 0) {
        self->is_broken = true;
        return GUARD_MEMBERS_BROKEN;
    }
    if (rc == 1)
        return GUARD_MEMBERS_MORE;
    self->at = self->scan.at;
    s_blanks (self);
    return GUARD_MEMBERS_ITEM;
}

static int
s_end_key (guard_members_t *self, br_error_t *reterr)
{
    self->item.key_offset = self->scan.offset;
    self->item.key_size = self->scan.size;
    if (self->scan.type != JSON_STRING || !s_take (self, ':'))
        return s_break (self, "a member's name in quotes is expected", reterr);
    self->state = GUARD_MEMBERS_VALUE;
    s_begin_scan (self);
    return 0;
}

static guard_members_rc_t
s_end_value (guard_members_t *self, json_item_t *ret_item)
{
    self->item.type = self->scan.type;
    self->item.offset = self->scan.offset;
    self->item.size = self->scan.size;
    self->state = GUARD_MEMBERS_BETWEEN;
    self->count++;
    *ret_item = self->item;
    return GUARD_MEMBERS_ITEM;
}

guard_members_rc_t
guard_members_step (guard_members_t *self, size_t *left, json_item_t *ret_item,
                    br_error_t *reterr)
{
    if (self->is_broken)
        return s_break (self, "the walk has failed before", reterr);
    if (self->state == GUARD_MEMBERS_OVER)
        return GUARD_MEMBERS_END;
    while (*left > 0) {
        guard_members_rc_t rc = GUARD_MEMBERS_ITEM;
        if (self->state == GUARD_MEMBERS_BETWEEN)
            rc = s_begin_member (self, reterr);
        if (rc == GUARD_MEMBERS_ITEM)
            rc = s_scan (self, left, reterr);
        if (rc != GUARD_MEMBERS_ITEM)
            return rc;
        if (self->state == GUARD_MEMBERS_VALUE)
            return s_end_value (self, ret_item);
        if (s_end_key (self, reterr) != 0)
            return GUARD_MEMBERS_BROKEN;
    }
    return GUARD_MEMBERS_MORE;
}
