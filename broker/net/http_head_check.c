//  http_head_check: walks the head of a request once, byte by byte.
//
//  libmicrohttpd 0.9.75 is lenient: it takes bare line feeds, folded fields, blanks before
//  the colon, zero bytes, two Content-Lengths, and Transfer-Encoding beside one. Its traces
//  in memory tell what was sent: a CRLF leaves two zero bytes, a bare LF one.

#include <string.h>
#include <strings.h>

#include "broker/net/http_head_check.h"

#define VERSION_SIZE 8 //  "HTTP/1.1"
#define CRLF_SIZE 2
#define LENGTH_DIGITS_MAX 18 //  more would not fit into 64 bits for sure

enum {
    TOKEN = 1,
    VALUE = 2,
    TARGET = 4
};

//  Which bytes may stand where. src: RFC 9110, section 5.6.2; RFC 9112, section 3.2
static const uint8_t s_classes[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, //  0x00
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //  0x10
    2, 7, 6, 7, 7, 7, 7, 7, 6, 6, 7, 7, 6, 7, 7, 6, //  0x20
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 6, //  0x30
    6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, //  0x40
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 6, 6, 7, 7, //  0x50
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, //  0x60
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 7, 6, 7, 0, //  0x70
    6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, //  0x80
    6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, //  0x90
    6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, //  0xa0
    6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, //  0xb0
    6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, //  0xc0
    6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, //  0xd0
    6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, //  0xe0
    6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, //  0xf0
};

//  Length of the run of bytes of one class, at most max.
static size_t
s_span (const char *at, size_t max, unsigned class)
{
    size_t n = 0;
    while (n < max && s_classes[(unsigned char) at[n]] & class)
        n++;
    return n;
}

static int
s_refuse (br_error_t *reterr, const char *what)
{
    return br_error_set (reterr, BR_EINVALID, "the request is refused: %s", what);
}

static size_t
s_offset (const http_head_t *head, const char *at)
{
    uintptr_t from = (uintptr_t) head->bytes;
    uintptr_t to = (uintptr_t) at;
    return to > from && to - from < head->size ? (size_t) (to - from) : 0;
}

//  Checks the request line; sets *ret_fields to where the fields begin.
static int
s_check_line (const http_head_t *head, size_t *ret_fields, br_error_t *reterr)
{
    size_t method = s_span (head->bytes, head->size, TOKEN);
    if (method == 0 || method + 1 != s_offset (head, head->target))
        return s_refuse (reterr, "the method is no token, or blanks follow it");
    size_t target_at = method + 1;
    if (head->target_size == 0 || head->target_size > head->size - target_at)
        return s_refuse (reterr, "there is no path");
    size_t version_at = target_at + head->target_size + 1;
    if (version_at != s_offset (head, head->version))
        return s_refuse (reterr, "the path holds blanks");
    if (!head->target_is_clean)
        return s_refuse (reterr, "the path holds control characters");
    size_t end = version_at + VERSION_SIZE;
    if (end + CRLF_SIZE > head->size || head->bytes[end] || head->bytes[end + 1])
        return s_refuse (reterr, "a line does not end with CRLF");
    *ret_fields = end + CRLF_SIZE;
    return 0;
}

typedef struct {
    const char *name;
    size_t name_size; //  bytes
    const char *value;
    size_t value_size; //  bytes, with blanks behind it, as libmicrohttpd compares it
} field_t;

//  Takes one field from the front of *at; moves *at behind its line end.
static int
s_next_field (const char **at, const char *end, field_t *ret_field, br_error_t *reterr)
{
    const char *p = *at;
    size_t name = s_span (p, (size_t) (end - p), TOKEN);
    if (name == 0 || p + name == end || p[name] != '\0')
        return s_refuse (reterr,
                         "a field name holds blanks or characters that may not be");
    const char *value = p + name + 1;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    size_t size = s_span (value, (size_t) (end - value), VALUE);
    const char *tail = value + size;
    if (tail < end && *tail != '\0')
        return s_refuse (reterr, "a field value holds control characters");
    if (end - tail < CRLF_SIZE || tail[0] || tail[1])
        return s_refuse (reterr, "a line does not end with CRLF");
    *ret_field = (field_t) { p, name, value, size };
    *at = tail + CRLF_SIZE;
    return 0;
}

//  Fields that are counted.
enum {
    HOST,
    COOKIE,
    LENGTH,
    CODING,
    KINDS
};

static const struct {
    const char *name;
    size_t size; //  bytes
} s_kinds[KINDS] = {
    [HOST] = { "host", 4 },
    [COOKIE] = { "cookie", 6 },
    [LENGTH] = { "content-length", 14 },
    [CODING] = { "transfer-encoding", 17 },
};

typedef struct {
    unsigned counts[KINDS];
    field_t last[KINDS];
} framing_t;

static void
s_note (framing_t *framing, const field_t *field, http_head_facts_t *facts)
{
    int kind = 0;
    while (kind < KINDS
           && (field->name_size != s_kinds[kind].size
               || strncasecmp (field->name, s_kinds[kind].name, s_kinds[kind].size)))
        kind++;
    facts->fields++;
    if (kind == KINDS)
        return;
    framing->counts[kind]++;
    framing->last[kind] = *field;
    if (kind == COOKIE)
        facts->cookie_bytes += field->value_size;
}

static bool
s_says (const field_t *field, const char *word)
{
    size_t size = strlen (word);
    return field->value_size == size && !strncasecmp (field->value, word, size);
}

static int
s_check_length (const field_t *field, http_head_facts_t *facts, br_error_t *reterr)
{
    if (field->value_size == 0 || field->value_size > LENGTH_DIGITS_MAX)
        return s_refuse (reterr, "Content-Length is no number");
    for (size_t i = 0; i < field->value_size; i++) {
        char c = field->value[i];
        if (c < '0' || c > '9')
            return s_refuse (reterr, "Content-Length is no number");
        facts->length = facts->length * 10 + (uint64_t) (c - '0');
    }
    facts->has_length = true;
    return 0;
}

static int
s_check_framing (const framing_t *framing, http_head_facts_t *facts, br_error_t *reterr)
{
    const unsigned *counts = framing->counts;
    if (counts[HOST] > 1 || (facts->http_11 && counts[HOST] == 0))
        return s_refuse (reterr, "Host is missing, or is there twice");
    if (counts[CODING] && counts[LENGTH])
        return s_refuse (reterr, "Transfer-Encoding and Content-Length stand together");
    if (counts[LENGTH] > 1)
        return s_refuse (reterr, "Content-Length is there twice");
    if (counts[CODING] > 1 || (counts[CODING] && !facts->http_11))
        return s_refuse (reterr, "Transfer-Encoding is there twice, or under HTTP/1.0");
    if (counts[CODING] && !s_says (&framing->last[CODING], "chunked"))
        return s_refuse (reterr, "Transfer-Encoding is not chunked");
    facts->chunked = counts[CODING] > 0;
    if (counts[LENGTH])
        return s_check_length (&framing->last[LENGTH], facts, reterr);
    return 0;
}

bool
http_head_target_is_clean (const char *target, size_t size)
{
    return s_span (target, size, TARGET) == size;
}

size_t
http_head_name_size (const char *line, size_t size)
{
    size_t name = s_span (line, size, TOKEN);
    bool sound = name < size && line[name] == ':'
                 && name + 1 + s_span (line + name + 1, size - name - 1, VALUE) == size;
    return sound ? name : 0;
}

int
http_head_check (const http_head_t *head, http_head_facts_t *ret_facts,
                 br_error_t *reterr)
{
    size_t fields_at = 0;
    if (s_check_line (head, &fields_at, reterr))
        return -1;
    http_head_facts_t facts = { .http_11 = memcmp (head->version, "HTTP/1.0", 8) != 0 };
    framing_t framing = { 0 };
    const char *at = head->bytes + fields_at;
    const char *end = head->bytes + head->size;
    while (end - at > CRLF_SIZE) {
        field_t field = { .name = "" };
        if (s_next_field (&at, end, &field, reterr))
            return -1;
        s_note (&framing, &field, &facts);
        if (head->field_max && !facts.large
            && field.name_size + field.value_size > head->field_max) {
            facts.large = field.name;
            facts.large_size = field.name_size;
        }
    }
    if (end - at != CRLF_SIZE || at[0] || at[1])
        return s_refuse (reterr, "a line does not end with CRLF");
    if (s_check_framing (&framing, &facts, reterr))
        return -1;
    *ret_facts = facts;
    return 0;
}
