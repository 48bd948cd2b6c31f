//  text_string: the inside of a JSON string as text, and back.

#include <assert.h>
#include <string.h>

#include "broker/proto/text_string.h"

#define CODE_SIZE 6 //  bytes of \uXXXX
#define PAIR_SIZE 12
#define CHARACTER_MAX 4 //  bytes of one in UTF-8

//  What an escape says.
typedef struct _character_t {
    uint8_t bytes[CHARACTER_MAX];
    size_t size;     //  bytes
    size_t raw_size; //  bytes of the escape; 0 = it goes on behind what is there
} character_t;

void
text_string_init (text_string_t *self)
{
    *self = (text_string_t) { 0 };
    br_buf_init (&self->marks, TEXT_STRING_MARKS_MAX * sizeof (text_mark_t));
}

void
text_string_free (text_string_t *self)
{
    br_buf_free (&self->marks);
}

void
text_string_reset (text_string_t *self)
{
    br_buf_t marks = self->marks;
    br_buf_clear (&marks);
    *self = (text_string_t) { .marks = marks };
}

//  ---- escapes

static int
s_hex (uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

typedef enum {
    CODE_NONE, //  no \uXXXX
    CODE_CUT,
    CODE_WHOLE
} code_t;

static code_t
s_code (const uint8_t *at, size_t size, uint32_t *ret_code)
{
    uint32_t code = 0;
    for (size_t i = 0; i < CODE_SIZE; i++) {
        if (i == size)
            return CODE_CUT;
        int digit = i < 2 ? 0 : s_hex (at[i]);
        if ((i == 0 && at[i] != '\\') || (i == 1 && at[i] != 'u') || digit < 0)
            return CODE_NONE;
        code = code << 4 | (uint32_t) digit;
    }
    *ret_code = code;
    return CODE_WHOLE;
}

static character_t
s_as_is (uint8_t byte, size_t raw_size)
{
    return (character_t) { .bytes = { byte }, .size = 1, .raw_size = raw_size };
}

static character_t
s_character (uint32_t code, size_t raw_size)
{
    if (code < 0x80)
        return s_as_is ((uint8_t) code, raw_size);
    character_t it = { .size = code < 0x800     ? 2
                               : code < 0x10000 ? 3
                                                : 4,
                       .raw_size = raw_size };
    static const uint8_t leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    for (size_t i = it.size; i > 1; i--, code >>= 6)
        it.bytes[i - 1] = (uint8_t) (0x80 | (code & 0x3f));
    it.bytes[0] = (uint8_t) (leads[it.size] | code);
    return it;
}

static character_t
s_read_code (const uint8_t *at, size_t size, bool last)
{
    uint32_t code = 0;
    uint32_t low = 0;
    code_t found = s_code (at, size, &code);
    if (found == CODE_CUT && !last)
        return (character_t) { .raw_size = 0 };
    if (found != CODE_WHOLE)
        return s_as_is ('\\', 1);
    if (code < 0xd800 || code > 0xdbff)
        return s_character (code, CODE_SIZE);
    found = s_code (at + CODE_SIZE, size - CODE_SIZE, &low);
    if (found == CODE_CUT && !last)
        return (character_t) { .raw_size = 0 };
    if (found == CODE_WHOLE && low >= 0xdc00 && low <= 0xdfff)
        return s_character (0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00),
                            PAIR_SIZE);
    return s_character (code, CODE_SIZE);
}

//  in:   at, on a backslash; last, nothing comes behind size bytes
static character_t
s_read (const uint8_t *at, size_t size, bool last)
{
    static const char names[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    if (size < 2)
        return last ? s_as_is ('\\', 1) : (character_t) { .raw_size = 0 };
    if (at[1] == 'u')
        return s_read_code (at, size, last);
    const char *name = at[1] ? strchr (names, at[1]) : NULL;
    return name ? s_as_is ((uint8_t) meant[name - names], 2) : s_as_is ('\\', 1);
}

//  ---- reading

static int
s_plain (text_string_t *self, const uint8_t *at, size_t size, br_buf_t *out)
{
    int rc = br_buf_add (out, at, size);
    if (rc)
        return -1;
    self->raw += size;
    self->text += size;
    return 0;
}

static int
s_give (text_string_t *self, const character_t *it, br_buf_t *out)
{
    text_mark_t mark = { .raw = self->raw,
                         .text = self->text,
                         .raw_size = (uint8_t) it->raw_size,
                         .text_size = (uint8_t) it->size };
    if (it->raw_size != it->size && br_buf_add (&self->marks, &mark, sizeof mark))
        return -1;
    int rc = br_buf_add (out, it->bytes, it->size);
    if (rc)
        return -1;
    self->raw += it->raw_size;
    self->text += it->size;
    return 0;
}

//  ret: 0 = taken up to *at, which is the end or an escape that is cut; -1 = full
static int
s_take (text_string_t *self, const uint8_t **at_p, const uint8_t *end, bool last,
        br_buf_t *out)
{
    const uint8_t *at = *at_p;
    while (at < end) {
        const uint8_t *slash = memchr (at, '\\', (size_t) (end - at));
        const uint8_t *stop = slash ? slash : end;
        int rc = s_plain (self, at, (size_t) (stop - at), out);
        at = stop;
        if (rc == 0 && slash) {
            character_t it = s_read (slash, (size_t) (end - slash), last);
            if (it.raw_size == 0)
                break;
            rc = s_give (self, &it, out);
            at += it.raw_size;
        }
        if (rc)
            return -1;
    }
    *at_p = at;
    return 0;
}

//  Takes what waits as far as it can be told now.
static int
s_take_cut (text_string_t *self, bool last, br_buf_t *out)
{
    const uint8_t *at = self->cut;
    int rc = s_take (self, &at, self->cut + self->cut_size, last, out);
    if (rc)
        return -1;
    size_t taken = (size_t) (at - self->cut);
    self->cut_size -= taken;
    memmove (self->cut, self->cut + taken, self->cut_size);
    return 0;
}

int
text_string_push (text_string_t *self, const void *raw, size_t size, br_buf_t *out)
{
    const uint8_t *at = raw;
    const uint8_t *end = size ? at + size : at;
    while (self->cut_size && at < end) {
        assert (self->cut_size < TEXT_STRING_CUT_MAX);
        self->cut[self->cut_size++] = *at++;
        int rc = s_take_cut (self, false, out);
        if (rc)
            return -1;
    }
    if (at == end)
        return 0;
    int rc = s_take (self, &at, end, false, out);
    if (rc)
        return -1;
    self->cut_size = (size_t) (end - at);
    memcpy (self->cut, at, self->cut_size);
    return 0;
}

int
text_string_end (text_string_t *self, br_buf_t *out)
{
    return s_take_cut (self, true, out);
}

//  ---- the map

//  How many marks begin in front of this offset of the text.
static size_t
s_marks_before (const text_string_t *self, uint64_t text)
{
    const text_mark_t *marks = (const text_mark_t *) (const void *) self->marks.data;
    size_t low = 0;
    size_t high = self->marks.size / sizeof *marks;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (marks[middle].text < text)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

//  The offset in the inside, by the last of so many marks. is_end: of a range's end
static uint64_t
s_raw (const text_string_t *self, size_t count, uint64_t text, bool is_end)
{
    assert (text >= self->from_text && text <= self->text);
    if (count == 0)
        return self->from_raw + (text - self->from_text);
    const text_mark_t *marks = (const text_mark_t *) (const void *) self->marks.data;
    const text_mark_t *mark = &marks[count - 1];
    uint64_t text_end = mark->text + mark->text_size;
    if (text < text_end)
        return is_end ? mark->raw + mark->raw_size : mark->raw;
    return mark->raw + mark->raw_size + (text - text_end);
}

uint64_t
text_string_raw (const text_string_t *self, uint64_t text)
{
    return s_raw (self, s_marks_before (self, text + 1), text, false);
}

uint64_t
text_string_raw_end (const text_string_t *self, uint64_t text)
{
    return s_raw (self, s_marks_before (self, text), text, true);
}

void
text_string_drop (text_string_t *self, uint64_t text)
{
    const text_mark_t *marks = (const text_mark_t *) (const void *) self->marks.data;
    size_t count = s_marks_before (self, text);
    //  In the middle of an escape: all of it stays.
    if (count && text < marks[count - 1].text + marks[count - 1].text_size)
        text = marks[--count].text;
    if (text <= self->from_text)
        return;
    self->from_raw = text_string_raw (self, text);
    self->from_text = text;
    br_buf_shift (&self->marks, count * sizeof *marks);
}

//  ---- writing

//  A lone surrogate as 3 bytes.
static bool
s_is_surrogate (const uint8_t *at, const uint8_t *end)
{
    return end - at >= 3 && at[0] == 0xed && (at[1] & 0xe0) == 0xa0
           && (at[2] & 0xc0) == 0x80;
}

static size_t
s_write_special (const uint8_t *at, const uint8_t *end, br_buf_t *out)
{
    static const char meant[] = "\"\\\b\f\n\r\t";
    static const char names[] = "\"\\bfnrt";
    if (s_is_surrogate (at, end)) {
        unsigned code = (at[0] & 0xfu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
        br_buf_addf (out, "\\u%04x", code);
        return 3;
    }
    const char *name = *at ? strchr (meant, *at) : NULL;
    if (name)
        br_buf_addf (out, "\\%c", names[name - meant]);
    else if (*at < 0x20)
        br_buf_addf (out, "\\u%04x", *at);
    else
        br_buf_addc (out, (char) *at);
    return 1;
}

int
text_string_write (const void *text, size_t size, br_buf_t *out)
{
    const uint8_t *at = text;
    const uint8_t *end = at + size;
    while (at < end) {
        const uint8_t *plain = at;
        while (at < end && *at >= 0x20 && *at != '"' && *at != '\\' && *at != 0xed)
            at++;
        br_buf_add (out, plain, (size_t) (at - plain));
        if (at < end)
            at += s_write_special (at, end, out);
    }
    return out->overflow ? -1 : 0;
}
