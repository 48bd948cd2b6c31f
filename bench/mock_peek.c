//  mock_peek: the two members of a request's body that the mock provider looks at. It
//  walks over the text once, judges nothing, and skips strings with memchr.

#include <string.h>

#include "bench/mock_peek.h"

//  The place behind the closing quote of a string whose first byte is at, or 0 when the
//  string does not end.
static size_t
s_string_end (const uint8_t *body, size_t size, size_t at)
{
    size_t from = at;
    while (from < size) {
        const uint8_t *quote = memchr (body + from, '"', size - from);
        if (!quote)
            return 0;
        size_t place = (size_t) (quote - body);
        size_t slashes = 0;
        while (place - slashes > at && body[place - slashes - 1] == '\\')
            slashes++;
        if (slashes % 2 == 0)
            return place + 1;
        from = place + 1;
    }
    return 0;
}

static size_t
s_skip_blanks (const uint8_t *body, size_t size, size_t at)
{
    while (at < size && memchr (" \t\r\n", body[at], 4))
        at++;
    return at;
}

static bool
s_is (const uint8_t *bytes, size_t size, const char *word)
{
    return size == strlen (word) && !memcmp (bytes, word, size);
}

static void
s_copy_name (char *name, const uint8_t *bytes, size_t size)
{
    if (size >= MOCK_MODEL_MAX)
        size = MOCK_MODEL_MAX - 1;
    memcpy (name, bytes, size);
    name[size] = 0;
}

static void
s_member (mock_peek_t *self, const uint8_t *body, size_t size, const uint8_t *key,
          size_t key_size, size_t value)
{
    if (s_is (key, key_size, "stream"))
        self->stream = size - value >= 4 && !memcmp (body + value, "true", 4);
    if (!s_is (key, key_size, "model") || value >= size || body[value] != '"')
        return;
    size_t end = s_string_end (body, size, value + 1);
    if (end)
        s_copy_name (self->model, body + value + 1, end - value - 2);
}

void
mock_peek (mock_peek_t *self, const uint8_t *body, size_t size)
{
    *self = (mock_peek_t) { .stream = false };
    int depth = 0;
    size_t at = 0;
    while (at < size) {
        uint8_t c = body[at++];
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (c != '"')
            continue;
        size_t start = at;
        at = s_string_end (body, size, at);
        if (!at)
            return;
        if (depth != 1)
            continue;
        size_t colon = s_skip_blanks (body, size, at);
        if (colon == size || body[colon] != ':')
            continue;
        size_t value = s_skip_blanks (body, size, colon + 1);
        s_member (self, body, size, body + start, at - 1 - start, value);
        at = value;
    }
}

static int
s_digit (char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

//  %40 becomes @, in place.
static void
s_decode (char *text)
{
    char *to = text;
    for (; *text; text++) {
        int high = *text == '%' ? s_digit (text[1]) : -1;
        int low = high >= 0 ? s_digit (text[2]) : -1;
        *to++ = low >= 0 ? (char) (high * 16 + low) : *text;
        if (low >= 0)
            text += 2;
    }
    *to = 0;
}

void
mock_peek_path (mock_peek_t *self, const char *path)
{
    const char *name = strstr (path, "/models/");
    if (!name)
        return;
    name += strlen ("/models/");
    size_t size = strcspn (name, "?");
    for (size_t i = size; i-- > 0;) {
        if (name[i] != ':')
            continue;
        self->stream = !strncmp (name + i, ":stream", 7);
        size = i;
        break;
    }
    s_copy_name (self->model, (const uint8_t *) name, size);
    s_decode (self->model);
}
