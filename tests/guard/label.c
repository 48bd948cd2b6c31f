//  label: email addresses, IPv4 addresses and phone numbers do occur in documents of Debian;
//  for them there are strict rules. Everything else that is true is in the list.

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "tests/guard/label.h"
#include "tests/guard/sample.h"

#define REVIEWED_MAX 4096
#define LINE_MAX_BYTES 400 //  of a line, to either side of a finding

struct _label_t {
    struct {
        char family[32];
        unsigned long long hash;
    } rows[REVIEWED_MAX];
    size_t count;
};

label_t *
label_new (const char *reviewed)
{
    label_t *self = BR_NEW (label_t);
    FILE *file = fopen (reviewed, "r");
    char line[512];
    while (file && fgets (line, sizeof line, file)) {
        if (*line == '#' || self->count == REVIEWED_MAX)
            continue;
        if (sscanf (line, "%31s %llx", self->rows[self->count].family,
                    &self->rows[self->count].hash)
            == 2)
            self->count++;
    }
    if (file)
        fclose (file);
    return self;
}

void
label_destroy (label_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free (*self_p);
    *self_p = NULL;
}

unsigned long long
label_hash (const char *bytes, size_t size)
{
    char *copy = br_strndup (bytes, size);
    unsigned long long hash = sample_hash (copy);
    free (copy);
    return hash;
}

static bool
s_is_reviewed (const label_t *self, const char *family, const char *bytes, size_t size)
{
    unsigned long long hash = label_hash (bytes, size);
    for (size_t i = 0; i < self->count; i++)
        if (self->rows[i].hash == hash && strcmp (self->rows[i].family, family) == 0)
            return true;
    return false;
}

//  ---- what stands around

//  A copy of the line that the finding is in.
static void
s_line (const char *text, size_t size, size_t at, size_t found_size,
        char ret_line[LINE_MAX_BYTES * 2 + 1])
{
    size_t from = at, to = at + found_size;
    while (from > 0 && text[from - 1] != '\n' && at - from < LINE_MAX_BYTES)
        from--;
    while (to < size && text[to] != '\n' && to - from < LINE_MAX_BYTES * 2)
        to++;
    if (to - from > LINE_MAX_BYTES * 2)
        to = from + LINE_MAX_BYTES * 2;
    memcpy (ret_line, text + from, to - from);
    ret_line[to - from] = '\0';
}

static bool
s_has_word (const char *line, const char *const *words)
{
    for (; *words; words++)
        if (strcasestr (line, *words))
            return true;
    return false;
}

//  ---- rules

//  local@label.label.top, where the last one is a country's or an old and common name.
static bool
s_email (const char *found, size_t size, const char *line)
{
    (void) line;
    static const char *const tops[] = {
        "com",  "org",  "net",   "edu",  "gov",     "mil",   "int",     "info",
        "biz",  "name", "dev",   "app",  "example", "test",  "invalid", "localhost",
        "arpa", "xyz",  "email", "uucp", "online",  "cloud", "tech",    NULL
    };
    const char *sign = memchr (found, '@', size);
    const char *dot = memrchr (found, '.', size);
    if (!sign || !dot || dot < sign + 2 || sign == found
        || memchr (sign + 1, '@', (size_t) (found + size - sign - 1)))
        return false;
    for (const char *c = found; c < sign; c++)
        if (!isalnum ((unsigned char) *c) && !strchr (".+-_%", *c))
            return false;
    for (const char *c = sign + 1; c < dot; c++)
        if (!isalnum ((unsigned char) *c) && *c != '-' && *c != '.')
            return false;
    size_t top = (size_t) (found + size - dot - 1);
    if (top == 2)
        return isalpha ((unsigned char) dot[1]) && isalpha ((unsigned char) dot[2]);
    for (size_t i = 0; tops[i]; i++)
        if (strlen (tops[i]) == top && strncasecmp (tops[i], dot + 1, top) == 0)
            return true;
    return false;
}

//  Four octets without a zero in front, in a network that documents use, or in a line that
//  speaks of networks.
static bool
s_ipv4 (const char *found, size_t size, const char *line)
{
    static const char *const words[] = { "addr",    "ip",     "host",   "net",  "server",
                                         "dns",     "listen", "bind",   "ping", "route",
                                         "mask",    "inet",   "http",   "port", "proxy",
                                         "gateway", "peer",   "client", "ssh",  "://",
                                         "resolve", NULL };
    unsigned octets[4];
    char copy[32] = "", again[32];
    if (size >= sizeof copy)
        return false;
    memcpy (copy, found, size);
    if (sscanf (copy, "%u.%u.%u.%u", &octets[0], &octets[1], &octets[2], &octets[3]) != 4)
        return false;
    snprintf (again, sizeof again, "%u.%u.%u.%u", octets[0] & 255, octets[1] & 255,
              octets[2] & 255, octets[3] & 255);
    if (strcmp (copy, again) != 0)
        return false;
    bool reserved = octets[0] == 10 || octets[0] >= 224
                    || (octets[0] == 192 && octets[1] == 168)
                    || (octets[0] == 172 && octets[1] >= 16 && octets[1] < 32)
                    || (octets[0] == 192 && octets[1] == 0 && octets[2] == 2)
                    || (octets[0] == 198 && octets[1] == 51 && octets[2] == 100)
                    || (octets[0] == 203 && octets[1] == 0 && octets[2] == 113);
    return reserved || s_has_word (line, words);
}

//  Ten to fifteen digits in a line that speaks of telephones.
static bool
s_phone (const char *found, size_t size, const char *line)
{
    static const char *const words[] = { "phone", "tel",  "fax",   "voice", "call",
                                         "mobil", "cell", "modem", NULL };
    size_t digits = 0;
    for (size_t i = 0; i < size; i++)
        digits += isdigit ((unsigned char) found[i]) != 0;
    return digits >= 10 && digits <= 15 && s_has_word (line, words);
}

static const struct {
    const char *family;
    bool (*is_true) (const char *found, size_t size, const char *line);
} s_rules[] = {
    { "pii_emails", s_email },
    { "ip_addresses", s_ipv4 },
    { "pii_phone_numbers", s_phone },
};

bool
label_is_true (const label_t *self, const char *family, const char *text, size_t size,
               size_t at, size_t found_size)
{
    char line[LINE_MAX_BYTES * 2 + 1];
    s_line (text, size, at, found_size, line);
    for (size_t i = 0; i < sizeof s_rules / sizeof *s_rules; i++)
        if (strcmp (s_rules[i].family, family) == 0
            && s_rules[i].is_true (text + at, found_size, line))
            return true;
    return s_is_reviewed (self, family, text + at, found_size);
}
