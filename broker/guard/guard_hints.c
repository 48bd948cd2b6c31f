//  guard_hints: places are the bytes of all hints in a row, each hint with an end behind it.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_hints.h"

#define BYTES 256
#define WORDS (BYTES / 64)

//  Sets that a byte of a hint may be in, by number: that of one byte is the byte.
#define LETTERS BYTES        //  a letter of either case
#define DIGIT (LETTERS + 26) //  \d
#define WORD (DIGIT + 1)     //  \w
#define END (WORD + 1)       //  no byte: the hint ends here
#define SETS (END + 1)

typedef struct {
    uint64_t has[WORDS]; //  bits: which bytes
} set_t;

typedef struct {
    uint16_t set;  //  that of the byte that comes next
    uint16_t size; //  bytes of the hint in front of it
    uint16_t pattern;
} place_t;

struct _guard_hints_t {
    set_t sets[SETS]; //  empty = not used
    size_t count;
    place_t *places; //  owned
    size_t size;     //  places
    size_t room;
    uint8_t classes[BYTES];
    uint8_t samples[BYTES];      //  a byte of each class
    unsigned width;              //  classes
    uint32_t *starts;            //  owned: places behind one byte of a class ...
    size_t starts_at[BYTES + 1]; //  ... by class
};

guard_hints_t *
guard_hints_new (void)
{
    return BR_NEW (guard_hints_t);
}

void
guard_hints_destroy (guard_hints_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free ((*self_p)->starts);
    free ((*self_p)->places);
    free (*self_p);
    *self_p = NULL;
}

//  ---- hints

static void
s_put (set_t *set, unsigned from, unsigned to)
{
    for (unsigned byte = from; byte <= to; byte++)
        set->has[byte / 64] |= (uint64_t) 1 << byte % 64;
}

static bool
s_has (const set_t *set, unsigned byte)
{
    return set->has[byte / 64] >> byte % 64 & 1;
}

static void
s_use (guard_hints_t *self, unsigned number)
{
    set_t *set = &self->sets[number];
    if (number < LETTERS)
        s_put (set, number, number);
    else if (number < DIGIT) {
        s_put (set, 'a' + number - LETTERS, 'a' + number - LETTERS);
        s_put (set, 'A' + number - LETTERS, 'A' + number - LETTERS);
    } else {
        s_put (set, '0', '9');
        if (number == DIGIT)
            return;
        s_put (set, 'a', 'z');
        s_put (set, 'A', 'Z');
        s_put (set, '_', '_');
    }
}

//  ret: bytes of the hint that one byte of text is about, 0 = not understood
static size_t
s_read_set (const char *at, bool caseless, uint16_t *ret_set)
{
    uint8_t byte = (uint8_t) *at, low = byte | 0x20;
    *ret_set = byte;
    if (byte != '\\') {
        if (caseless && low >= 'a' && low <= 'z')
            *ret_set = LETTERS + low - 'a';
        return 1;
    }
    switch (at[1]) {
    case '\\': return 2;
    case 'd': *ret_set = DIGIT; return 2;
    case 'w': *ret_set = WORD; return 2;
    default: return 0;
    }
}

//  Where any digit may stand, one that is exact becomes any digit: it would cost states for
//  each place in a number that it may be at, and finds little less.
static void
s_loosen (uint16_t *sets, size_t size)
{
    bool any = false;
    for (size_t i = 0; i < size; i++)
        any = any || sets[i] == DIGIT;
    for (size_t i = 0; any && i < size; i++)
        if (sets[i] >= '0' && sets[i] <= '9')
            sets[i] = DIGIT;
}

static void
s_add_place (guard_hints_t *self, unsigned set, size_t size, unsigned pattern)
{
    if (self->size == self->room) {
        self->room = self->room ? self->room * 2 : 64;
        self->places = br_realloc (self->places, self->room * sizeof *self->places);
    }
    self->places[self->size++] = (place_t) { (uint16_t) set, (uint16_t) size,
                                             (uint16_t) pattern };
}

int
guard_hints_add (guard_hints_t *self, unsigned pattern, const char *hint, bool caseless,
                 br_error_t *reterr)
{
    size_t length = strlen (hint), size = 0;
    if (length == 0 || length > GUARD_HINT_MAX || self->count == GUARD_HINTS_MAX)
        return br_error_set (reterr, BR_ECONFIG,
                             length == 0               ? "a hint is empty"
                             : length > GUARD_HINT_MAX ? "a hint is too long"
                                                       : "there are too many hints");
    uint16_t sets[GUARD_HINT_BYTES];
    while (*hint && size < GUARD_HINT_BYTES) {
        size_t used = s_read_set (hint, caseless, &sets[size]);
        if (used == 0)
            return br_error_set (reterr, BR_ECONFIG,
                                 "a hint has a '\\' that is none of \\d, \\w and \\\\");
        size++;
        hint += used;
    }
    s_loosen (sets, size);
    for (size_t i = 0; i < size; i++) {
        s_use (self, sets[i]);
        s_add_place (self, sets[i], i, pattern);
    }
    s_add_place (self, END, size, pattern);
    self->count++;
    return 0;
}

//  ---- classes

//  Splits the classes of which a part is in the set.
static void
s_split (guard_hints_t *self, const set_t *set)
{
    uint8_t split[BYTES] = { 0 }; //  class -> the one of those in the set; 0 = none
    bool stays[BYTES] = { false };
    for (unsigned byte = 0; byte < BYTES; byte++)
        stays[self->classes[byte]] |= !s_has (set, byte);
    for (unsigned byte = 0; byte < BYTES; byte++) {
        uint8_t old = self->classes[byte];
        if (!s_has (set, byte) || !stays[old])
            continue;
        if (!split[old])
            split[old] = (uint8_t) self->width++;
        self->classes[byte] = split[old];
    }
}

static void
s_classify (guard_hints_t *self)
{
    self->width = 1;
    for (size_t i = 0; i < END; i++)
        s_split (self, &self->sets[i]);
    for (unsigned byte = 0; byte < BYTES; byte++)
        self->samples[self->classes[byte]] = (uint8_t) byte;
}

static void
s_list_starts (guard_hints_t *self)
{
    size_t count = 0;
    self->starts = br_alloc (self->count * self->width + 1, sizeof *self->starts);
    for (unsigned kind = 0; kind < self->width; kind++) {
        self->starts_at[kind] = count;
        for (size_t i = 0; i < self->size; i++)
            if (self->places[i].size == 0
                && s_has (&self->sets[self->places[i].set], self->samples[kind]))
                self->starts[count++] = (uint32_t) i + 1;
    }
    self->starts_at[self->width] = count;
    self->starts = br_realloc (self->starts, (count + 1) * sizeof *self->starts);
}

void
guard_hints_close (guard_hints_t *self)
{
    s_classify (self);
    s_list_starts (self);
}

//  ---- asking

unsigned
guard_hints_width (const guard_hints_t *self)
{
    return self->width;
}

const uint8_t *
guard_hints_classes (const guard_hints_t *self)
{
    return self->classes;
}

const uint32_t *
guard_hints_starts (const guard_hints_t *self, unsigned kind, size_t *ret_count)
{
    *ret_count = self->starts_at[kind + 1] - self->starts_at[kind];
    return self->starts + self->starts_at[kind];
}

bool
guard_hints_goes_on (const guard_hints_t *self, uint32_t place, unsigned kind)
{
    return s_has (&self->sets[self->places[place].set], self->samples[kind]);
}

bool
guard_hints_ends (const guard_hints_t *self, uint32_t place, guard_hint_t *ret_hint)
{
    const place_t *at = &self->places[place];
    *ret_hint = (guard_hint_t) { at->pattern, at->size };
    return at->set == END;
}
