//  tui_text: words and numbers as a terminal may show them.

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tui/tui_text.h"

#define NUSD_PER_USD 1000000000.0
#define LEAST_USD 0.000001 //  that is written in digits
#define SECOND_MS 1000
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define SURROGATE_FIRST 0xd800
#define SURROGATE_LAST 0xdfff
#define CODE_LAST 0x10ffff

typedef struct {
    uint32_t first, last;
} s_range_t;

//  What a terminal would obey, or what would turn text around.
static const s_range_t s_refused[] = {
    { 0x01, 0x1f },       { 0x7f, 0x9f },         { 0x061c, 0x061c }, { 0x200e, 0x200f },
    { 0x2028, 0x202e },   { 0x2066, 0x2069 },     { 0xe000, 0xf8ff }, { 0xfff0, 0xffff },
    { 0xe0000, 0xe0fff }, { 0xf0000, CODE_LAST },
};

//  Marks that stand on the character before them, or show nothing.
static const s_range_t s_no_width[] = {
    { 0xad, 0xad },     { 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
    { 0x0610, 0x061a }, { 0x064b, 0x065f }, { 0x0e31, 0x0e31 }, { 0x0e34, 0x0e3a },
    { 0x0e47, 0x0e4e }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200d },
    { 0x2060, 0x2064 }, { 0x20d0, 0x20ff }, { 0x302a, 0x302d }, { 0x3099, 0x309a },
    { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff }, { 0x1f3fb, 0x1f3ff },
};

//  East Asian Width "wide", and pictures.
static const s_range_t s_wide[] = {
    { 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2e80, 0x303e },
    { 0x3041, 0xa4cf },   { 0xa960, 0xa97f },   { 0xac00, 0xd7a3 },
    { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },
    { 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff },
    { 0x1f900, 0x1faff }, { 0x20000, 0x3fffd },
};

#define COUNT_OF(table) (sizeof (table) / sizeof *(table))

static bool
s_is_in (const s_range_t *ranges, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

//  One character as it stands there. A byte that begins none is taken alone, as '?'.
static uint32_t
s_decode (const char **at)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *bytes = (const unsigned char *) *at;
    unsigned size = bytes[0] < 0x80             ? 1
                    : (bytes[0] & 0xe0) == 0xc0 ? 2
                    : (bytes[0] & 0xf0) == 0xe0 ? 3
                    : (bytes[0] & 0xf8) == 0xf0 ? 4
                                                : 0;
    uint32_t code = size == 1 ? bytes[0] : size ? bytes[0] & (0x7fu >> size) : '?';
    for (unsigned i = 1; i < size; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            *at += 1;
            return '?';
        }
        code = code << 6 | (bytes[i] & 0x3f);
    }
    *at += size ? size : 1;
    bool is_bad = size
                  && (code < least[size] || code > CODE_LAST
                      || (code >= SURROGATE_FIRST && code <= SURROGATE_LAST));
    return is_bad ? '?' : code;
}

uint32_t
tui_text_next (const char **at)
{
    while (**at) {
        uint32_t code = s_decode (at);
        if (code >= ' ' && code < 0x7f)
            return code;
        if (s_is_in (s_no_width, COUNT_OF (s_no_width), code))
            continue;
        return s_is_in (s_refused, COUNT_OF (s_refused), code) ? '?' : code;
    }
    return 0;
}

unsigned
tui_text_width (uint32_t code)
{
    return code >= s_wide[0].first && s_is_in (s_wide, COUNT_OF (s_wide), code) ? 2 : 1;
}

unsigned
tui_text_columns (const char *text)
{
    unsigned columns = 0;
    for (uint32_t code = tui_text_next (&text); code; code = tui_text_next (&text))
        columns += tui_text_width (code);
    return columns;
}

size_t
tui_text_put (uint32_t code, char *to)
{
    if (code < 0x80) {
        to[0] = (char) code;
        return 1;
    }
    unsigned size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (unsigned i = size; --i; code >>= 6)
        to[i] = (char) (0x80 | (code & 0x3f));
    to[0] = (char) ((0xf00u >> size & 0xf0) | code);
    return size;
}

void
tui_text_copy (char *to, size_t room, const char *from)
{
    size_t size = 0;
    for (uint32_t code = from ? tui_text_next (&from) : 0; code;
         code = tui_text_next (&from)) {
        char bytes[4];
        size_t more = tui_text_put (code, bytes);
        if (size + more >= room)
            break;
        memcpy (to + size, bytes, more);
        size += more;
    }
    to[size] = 0;
}

char *
tui_text_count (uint64_t count, char *to)
{
    static const char units[] = "kMGTPE";
    if (count < 10000) {
        snprintf (to, TUI_WORD, "%" PRIu64, count);
        return to;
    }
    double rest = (double) count / 1000;
    unsigned unit = 0;
    while (rest >= 999.5 && units[unit + 1]) {
        rest /= 1000;
        unit++;
    }
    snprintf (to, TUI_WORD, "%.*f%c",
              rest < 9.995   ? 2
              : rest < 99.95 ? 1
                             : 0,
              rest, units[unit]);
    return to;
}

char *
tui_text_money (int64_t nusd, char *to)
{
    double usd = (double) nusd / NUSD_PER_USD;
    const char *sign = usd < 0 ? "-" : "";
    usd = usd < 0 ? -usd : usd;
    if (nusd == 0)
        snprintf (to, TUI_WORD, "$0");
    else if (usd < LEAST_USD)
        snprintf (to, TUI_WORD, "%s<$0.000001", sign);
    else
        snprintf (to, TUI_WORD, "%s$%.*f", sign, usd >= 1 ? 2 : usd >= 0.01 ? 4 : 6, usd);
    return to;
}

char *
tui_text_span (uint64_t ms, char *to)
{
    if (ms < SECOND_MS)
        snprintf (to, TUI_WORD, "%" PRIu64 " ms", ms);
    else if (ms < MINUTE_MS)
        snprintf (to, TUI_WORD, "%u.%u s", (unsigned) (ms / SECOND_MS),
                  (unsigned) (ms % SECOND_MS / 100));
    else if (ms < HOUR_MS)
        snprintf (to, TUI_WORD, "%um %02us", (unsigned) (ms / MINUTE_MS),
                  (unsigned) (ms % MINUTE_MS / SECOND_MS));
    else if (ms < DAY_MS)
        snprintf (to, TUI_WORD, "%uh %02um", (unsigned) (ms / HOUR_MS),
                  (unsigned) (ms % HOUR_MS / MINUTE_MS));
    else
        snprintf (to, TUI_WORD, "%" PRIu64 "d %02uh", ms / DAY_MS,
                  (unsigned) (ms % DAY_MS / HOUR_MS));
    return to;
}

char *
tui_text_clock (uint64_t unix_ms, char *to)
{
    struct tm tm;
    time_t at = (time_t) (unix_ms / SECOND_MS);
    *to = 0;
    if (localtime_r (&at, &tm))
        strftime (to, TUI_WORD, "%H:%M:%S", &tm);
    return to;
}
