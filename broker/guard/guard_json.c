//  guard_json: a JSON text under way, cut into runs of its leaves.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_json.h"
#include "broker/guard/guard_utf8.h"

#define DEPTH_MAX 256               //  deeper keys count as values
#define RUNS_MAX ((size_t) 1 << 20) //  at one time
#define DROP_LAZY 256               //  runs that may lie dropped in front

struct _guard_json_t {
    br_buf_t runs;                  //  of guard_run_t
    size_t first;                   //  runs in front of it are dropped
    uint64_t size;                  //  bytes read
    uint64_t view_size;             //  bytes of the view
    size_t depth;                   //  brackets that are open
    uint8_t objects[DEPTH_MAX / 8]; //  a bit a level: it is an object
    bool is_key;                    //  a string that begins now is a key
    bool in_string;
    guard_leaf_t string; //  of the string under way
};

guard_json_t *
guard_json_new (void)
{
    guard_json_t *self = BR_NEW (guard_json_t);
    br_buf_init (&self->runs, RUNS_MAX * sizeof (guard_run_t));
    return self;
}

void
guard_json_destroy (guard_json_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_buf_free (&(*self_p)->runs);
    free (*self_p);
    *self_p = NULL;
}

void
guard_json_reset (guard_json_t *self)
{
    br_buf_t runs = self->runs;
    *self = (guard_json_t) { .runs = runs };
    br_buf_clear (&self->runs);
}

uint64_t
guard_json_size (const guard_json_t *self)
{
    return self->size;
}

guard_leaf_t
guard_json_leaf (const guard_json_t *self)
{
    return self->in_string ? self->string : GUARD_LEAF_SCALAR;
}

//  ---- runs

const guard_run_t *
guard_json_runs (const guard_json_t *self, size_t *ret_count)
{
    *ret_count = self->runs.size / sizeof (guard_run_t) - self->first;
    if (*ret_count == 0)
        return NULL;
    return (const guard_run_t *) (const void *) self->runs.data + self->first;
}

void
guard_json_drop (guard_json_t *self, uint64_t upto)
{
    size_t count = 0;
    const guard_run_t *run = guard_json_runs (self, &count);
    for (; count && run->at + run->size <= upto; count--, run++)
        self->first++;
    if (count && self->first < DROP_LAZY)
        return;
    br_buf_shift (&self->runs, self->first * sizeof (guard_run_t));
    self->first = 0;
}

//  The last run that begins at or before an offset, by halves.
static const guard_run_t *
s_find (const guard_json_t *self, uint64_t at, bool of_view)
{
    size_t high = 0;
    const guard_run_t *runs = guard_json_runs (self, &high);
    size_t low = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint64_t begin = of_view ? runs[middle].view_at : runs[middle].at;
        if (begin <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? runs + low - 1 : NULL;
}

const guard_run_t *
guard_json_run (const guard_json_t *self, uint64_t at)
{
    const guard_run_t *run = s_find (self, at, false);
    return run && at - run->at < run->size ? run : NULL;
}

const guard_run_t *
guard_json_run_of_view (const guard_json_t *self, uint64_t view_at)
{
    const guard_run_t *run = s_find (self, view_at, true);
    return run && view_at - run->view_at < run->view_size ? run : NULL;
}

static guard_run_t *
s_last (guard_json_t *self)
{
    size_t count = self->runs.size / sizeof (guard_run_t);
    if (count == self->first)
        return NULL;
    return (guard_run_t *) (void *) self->runs.data + count - 1;
}

//  Past the maximum the run before grows: then more is changed as a whole, never less.
static void
s_add (guard_json_t *self, guard_leaf_t leaf, bool is_whole, size_t size,
       size_t view_size)
{
    guard_run_t *last = s_last (self);
    bool grows = last && last->leaf == leaf && !last->is_whole && !is_whole;
    if (!grows) {
        guard_run_t run = { .leaf = leaf, .is_whole = is_whole, .at = self->size };
        run.view_at = self->view_size;
        if (br_buf_add (&self->runs, &run, sizeof run) == 0)
            last = s_last (self);
        else if (last)
            last->is_whole = true;
    }
    if (!last)
        return; //  no room for a first: RUNS_MAX is above one
    last->size += size;
    last->view_size += view_size;
    self->size += size;
    self->view_size += view_size;
}

//  ---- outside of strings

static bool
s_in_object (const guard_json_t *self)
{
    size_t level = self->depth - 1;
    return self->depth > 0 && level < DEPTH_MAX
           && (self->objects[level / 8] >> level % 8 & 1);
}

static void
s_open (guard_json_t *self, bool is_object)
{
    size_t level = self->depth++;
    if (level >= DEPTH_MAX)
        return;
    uint8_t bit = (uint8_t) (1u << level % 8);
    self->objects[level / 8] &= (uint8_t) ~bit;
    if (is_object)
        self->objects[level / 8] |= bit;
}

//  One byte of the structure.
static void
s_structure (guard_json_t *self, uint8_t byte)
{
    if (byte == '{' || byte == '[')
        s_open (self, byte == '{');
    if ((byte == '}' || byte == ']') && self->depth)
        self->depth--;
    if (byte == '"') {
        self->in_string = true;
        self->string = self->is_key ? GUARD_LEAF_KEY : GUARD_LEAF_VALUE;
    }
    if (byte == '{' || byte == ',')
        self->is_key = s_in_object (self);
    else if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r')
        self->is_key = false;
}

static bool
s_is_structure (uint8_t byte)
{
    return byte && strchr ("{}[],:\" \t\r\n", byte) != NULL;
}

//  ret:  bytes read; 0 = a scalar is not whole
static size_t
s_outside (guard_json_t *self, const uint8_t *bytes, size_t size, bool is_end,
           br_buf_t *view)
{
    size_t n = 0;
    if (s_is_structure (*bytes)) {
        s_structure (self, *bytes);
        n = 1;
        s_add (self, GUARD_LEAF_STRUCTURE, false, n, n);
    } else {
        while (n < size && n < GUARD_SCALAR_MAX && !s_is_structure (bytes[n]))
            n++;
        if (n == size && n < GUARD_SCALAR_MAX && !is_end)
            return 0;
        s_add (self, GUARD_LEAF_SCALAR, true, n, n);
    }
    (void) br_buf_add (view, bytes, n);
    return n;
}

//  ---- inside of strings

//  The number of a \uXXXX, or -1 when there is none.
static int
s_unit (const uint8_t *bytes, size_t size)
{
    if (size < 6 || bytes[0] != '\\' || bytes[1] != 'u')
        return -1;
    int unit = 0;
    for (size_t i = 2; i < 6; i++) {
        const char *digits = "0123456789abcdef0123456789ABCDEF";
        const char *digit = bytes[i] ? strchr (digits, bytes[i]) : NULL;
        if (!digit)
            return -1;
        unit = unit << 4 | (int) ((digit - digits) & 15);
    }
    return unit;
}

//  Whether bytes could still become a \u escape with more behind them.
static bool
s_may_become_unit (const uint8_t *bytes, size_t size)
{
    if (size >= 6 || (size > 0 && bytes[0] != '\\') || (size > 1 && bytes[1] != 'u'))
        return false;
    for (size_t i = 2; i < size; i++)
        if (!bytes[i] || !strchr ("0123456789abcdefABCDEF", bytes[i]))
            return false;
    return true;
}

static size_t
s_add_unit (br_buf_t *view, const uint8_t *bytes, size_t size, size_t *ret_view)
{
    int high = s_unit (bytes, size);
    int low = s_unit (bytes + 6, size - 6);
    bool is_pair = high >= 0xD800 && high < 0xDC00 && low >= 0xDC00 && low < 0xE000;
    uint32_t character = (uint32_t) high;
    if (is_pair)
        character = 0x10000 + (((uint32_t) high - 0xD800) << 10) + (uint32_t) low
                    - 0xDC00;
    uint8_t out[4];
    *ret_view = guard_utf8_write (character, out);
    (void) br_buf_add (view, out, *ret_view);
    return is_pair ? 12 : 6;
}

//  ret:  bytes of the escape; 0 = it is not whole
static size_t
s_escape (guard_json_t *self, const uint8_t *bytes, size_t size, bool is_end,
          br_buf_t *view)
{
    size_t view_size = 1;
    size_t n = 2;
    int unit = s_unit (bytes, size);
    bool is_high = unit >= 0xD800 && unit < 0xDC00;
    if (!is_end && s_may_become_unit (bytes, size))
        return 0;
    if (!is_end && is_high && s_may_become_unit (bytes + 6, size - 6))
        return 0;
    if (unit >= 0) {
        n = s_add_unit (view, bytes, size, &view_size);
    } else if (size < 2 || bytes[1] >= 0x80) {
        n = 1;
        (void) br_buf_add (view, bytes, n);
    } else {
        static const char letters[] = "bfnrt";
        static const char meant[] = "\b\f\n\r\t";
        const char *letter = bytes[1] ? strchr (letters, bytes[1]) : NULL;
        (void) br_buf_addc (view, letter ? meant[letter - letters] : (char) bytes[1]);
    }
    s_add (self, self->string, true, n, view_size);
    return n;
}

//  ret:  bytes read; 0 = a character or an escape is not whole
static size_t
s_inside (guard_json_t *self, const uint8_t *bytes, size_t size, bool is_end,
          br_buf_t *view)
{
    if (*bytes == '\\')
        return s_escape (self, bytes, size, is_end, view);
    if (*bytes == '"') {
        self->in_string = false;
        s_add (self, GUARD_LEAF_STRUCTURE, false, 1, 1);
        (void) br_buf_addc (view, '"');
        return 1;
    }
    size_t n = 0;
    while (n < size && bytes[n] != '"' && bytes[n] != '\\')
        n++;
    if (n == size && !is_end)
        n = guard_utf8_whole (bytes, size);
    if (n == 0)
        return 0;
    s_add (self, self->string, false, n, n);
    (void) br_buf_add (view, bytes, n);
    return n;
}

size_t
guard_json_read (guard_json_t *self, const void *bytes, size_t size, bool is_end,
                 br_buf_t *view)
{
    const uint8_t *at = bytes;
    size_t left = size;
    while (left) {
        size_t n = self->in_string ? s_inside (self, at, left, is_end, view)
                                   : s_outside (self, at, left, is_end, view);
        if (n == 0)
            break;
        at += n;
        left -= n;
    }
    return size - left;
}
