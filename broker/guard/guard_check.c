//  guard_check: a table of names and functions.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/guard/guard_check.h"

#define DIGITS_MAX 32    //  of a number that is looked at
#define IBAN_MAX 34      //  letters and digits of the longest one
#define BASE64_MOST 100  //  bytes; a longer run is data, not a secret
#define ENTROPY_MOST 8.0 //  bits in a byte
#define ROUNDED 1e-4     //  bits that a logarithm may be off
#define OCTETS 4         //  of an address
#define CARD_LEAST 12    //  digits
#define CARD_MOST 19
#define PHONE_LEAST 7 //  digits, behind a '+'
#define PHONE_MOST 15
#define PHONE_PLAIN 10 //  digits without a '+', or one more with a 1 in front

static bool
s_is_digit (char c)
{
    return c >= '0' && c <= '9';
}

static bool
s_is_upper (char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool
s_is_letter (char c)
{
    return s_is_upper (c) || (c >= 'a' && c <= 'z');
}

//  The digits of the text, as numbers. ret: how many, DIGITS_MAX + 1 = too many
static size_t
s_digits (const char *text, size_t size, uint8_t ret_digits[DIGITS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        if (!s_is_digit (text[i]))
            continue;
        if (count == DIGITS_MAX)
            return DIGITS_MAX + 1;
        ret_digits[count++] = (uint8_t) (text[i] - '0');
    }
    return count;
}

static bool
s_all_same (const uint8_t *digits, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (digits[i] != digits[0])
            return false;
    return true;
}

static bool
s_luhn (const guard_check_t *self, const char *text, size_t size)
{
    (void) self;
    uint8_t digits[DIGITS_MAX];
    size_t count = s_digits (text, size, digits);
    if (count < CARD_LEAST || count > CARD_MOST || s_all_same (digits, count))
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = digits[count - 1 - i];
        if (i % 2)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

//  ---- IBAN

//  Letters and digits of an IBAN by country. src: SWIFT, IBAN registry
static const struct {
    char country[3];
    uint8_t size;
} s_ibans[] = {
    { "AD", 24 }, { "AE", 23 }, { "AL", 28 }, { "AT", 20 }, { "AZ", 28 }, { "BA", 20 },
    { "BE", 16 }, { "BG", 22 }, { "BH", 22 }, { "BI", 27 }, { "BR", 29 }, { "BY", 28 },
    { "CH", 21 }, { "CR", 22 }, { "CY", 28 }, { "CZ", 24 }, { "DE", 22 }, { "DJ", 27 },
    { "DK", 18 }, { "DO", 28 }, { "EE", 20 }, { "EG", 29 }, { "ES", 24 }, { "FI", 18 },
    { "FK", 18 }, { "FO", 18 }, { "FR", 27 }, { "GB", 22 }, { "GE", 22 }, { "GI", 23 },
    { "GL", 18 }, { "GR", 27 }, { "GT", 28 }, { "HN", 28 }, { "HR", 21 }, { "HU", 28 },
    { "IE", 22 }, { "IL", 23 }, { "IQ", 23 }, { "IS", 26 }, { "IT", 27 }, { "JO", 30 },
    { "KW", 30 }, { "KZ", 20 }, { "LB", 28 }, { "LC", 32 }, { "LI", 21 }, { "LT", 20 },
    { "LU", 20 }, { "LV", 21 }, { "LY", 25 }, { "MC", 27 }, { "MD", 24 }, { "ME", 22 },
    { "MK", 19 }, { "MN", 20 }, { "MR", 27 }, { "MT", 31 }, { "MU", 30 }, { "NI", 28 },
    { "NL", 18 }, { "NO", 15 }, { "OM", 23 }, { "PK", 24 }, { "PL", 28 }, { "PS", 29 },
    { "PT", 25 }, { "QA", 29 }, { "RO", 24 }, { "RS", 22 }, { "RU", 33 }, { "SA", 24 },
    { "SC", 31 }, { "SD", 18 }, { "SE", 24 }, { "SI", 19 }, { "SK", 24 }, { "SM", 27 },
    { "SO", 23 }, { "ST", 25 }, { "SV", 28 }, { "TL", 23 }, { "TN", 24 }, { "TR", 26 },
    { "UA", 29 }, { "VA", 22 }, { "VG", 24 }, { "XK", 20 }, { "YE", 30 },
};

static bool
s_has_iban_size (const char *iban, size_t size)
{
    for (size_t i = 0; i < sizeof s_ibans / sizeof *s_ibans; i++)
        if (memcmp (iban, s_ibans[i].country, 2) == 0)
            return s_ibans[i].size == size;
    return false;
}

static bool
s_mod97 (const guard_check_t *self, const char *text, size_t size)
{
    (void) self;
    char iban[IBAN_MAX];
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        if (!s_is_digit (text[i]) && !s_is_letter (text[i]))
            continue;
        if (count == IBAN_MAX)
            return false;
        iban[count++] = (char) (text[i] >= 'a' ? text[i] - 'a' + 'A' : text[i]);
    }
    if (count < 5 || !s_is_upper (iban[0]) || !s_is_upper (iban[1])
        || !s_has_iban_size (iban, count))
        return false;
    unsigned rest = 0; //  country and check digits count last
    for (size_t i = 0; i < count; i++) {
        char c = iban[(i + 4) % count];
        rest = s_is_digit (c) ? rest * 10 + (unsigned) (c - '0')
                              : rest * 100 + (unsigned) (c - 'A') + 10;
        rest %= 97;
    }
    return rest == 1;
}

//  ---- numbers

//  src: Social Security Administration, numbers that were never given
static bool
s_ssn (const guard_check_t *self, const char *text, size_t size)
{
    (void) self;
    uint8_t d[DIGITS_MAX];
    if (s_digits (text, size, d) != 9)
        return false;
    unsigned area = d[0] * 100u + d[1] * 10u + d[2];
    unsigned group = d[3] * 10u + d[4];
    unsigned serial = d[5] * 1000u + d[6] * 100u + d[7] * 10u + d[8];
    if (area == 0 || area == 666 || area >= 900 || group == 0 || serial == 0)
        return false;
    static const struct {
        unsigned area, group, serial;
    } shown[] = { { 78, 5, 1120 }, { 219, 9, 9999 }, { 123, 45, 6789 } }; //  in print
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (area == shown[i].area && group == shown[i].group && serial == shown[i].serial)
            return false;
    return !s_all_same (d, 9);
}

static bool
s_phone (const guard_check_t *self, const char *text, size_t size)
{
    (void) self;
    uint8_t digits[DIGITS_MAX];
    size_t count = s_digits (text, size, digits);
    if (count < PHONE_LEAST || count > PHONE_MOST || s_all_same (digits, count))
        return false;
    if (memchr (text, '+', size))
        return true;
    return count == PHONE_PLAIN || (count == PHONE_PLAIN + 1 && digits[0] == 1);
}

//  ret: bytes read, 0 = it is no octet
static size_t
s_octet (const char *text, size_t size, unsigned *ret_octet)
{
    unsigned octet = 0;
    size_t count = 0;
    while (count < size && count < 4 && s_is_digit (text[count]))
        octet = octet * 10 + (unsigned) (text[count++] - '0');
    if (count == 0 || count > 3 || octet > 255 || (count > 1 && text[0] == '0'))
        return 0;
    *ret_octet = octet;
    return count;
}

static bool
s_ipv4_public (const guard_check_t *self, const char *text, size_t size)
{
    (void) self;
    unsigned octets[OCTETS] = { 0 };
    size_t at = 0;
    for (size_t i = 0; i < OCTETS; i++) {
        if (i > 0 && (at >= size || text[at++] != '.'))
            return false;
        size_t count = s_octet (text + at, size - at, &octets[i]);
        if (count == 0)
            return false;
        at += count;
    }
    bool everybody = octets[0] == 255 && octets[1] == 255 && octets[2] == 255
                     && octets[3] == 255;
    return at == size && octets[0] != 127 && octets[0] != 0 && !everybody;
}

//  ---- letters

static bool
s_mixed (const guard_check_t *self, const char *text, size_t size)
{
    (void) self;
    bool digit = false, letter = false;
    for (size_t i = 0; i < size; i++) {
        digit = digit || s_is_digit (text[i]);
        letter = letter || s_is_letter (text[i]);
    }
    return digit && letter;
}

static bool
s_not_base64 (const guard_check_t *self, const char *text, size_t size)
{
    (void) self;
    if (size <= BASE64_MOST)
        return true;
    for (size_t i = 0; i < size; i++)
        if (!s_is_digit (text[i]) && !s_is_letter (text[i]) && !strchr ("+/-_=", text[i]))
            return true;
    return false;
}

//  log2 of a number of 1 and up, to some 20 bits: it is not worth a library.
static double
s_log2 (double x)
{
    double whole = 0, part = 0.5;
    while (x >= 2) {
        x /= 2;
        whole++;
    }
    for (int i = 0; i < 20; i++, part /= 2) {
        x *= x;
        if (x >= 2) {
            x /= 2;
            whole += part;
        }
    }
    return whole;
}

static bool
s_entropy (const guard_check_t *self, const char *text, size_t size)
{
    size_t counts[256] = { 0 };
    for (size_t i = 0; i < size; i++)
        counts[(uint8_t) text[i]]++;
    double sum = 0;
    for (size_t i = 0; i < 256; i++)
        if (counts[i])
            sum += (double) counts[i] * s_log2 ((double) counts[i]);
    return size > 0
           && s_log2 ((double) size) - sum / (double) size >= self->bits - ROUNDED;
}

//  ---- the table

typedef bool (check_fn) (const guard_check_t *self, const char *text, size_t size);

static const struct {
    const char *name;
    check_fn *passes;
    bool of_group;
    bool has_bits;
} s_checks[] = {
    { "", NULL, false, false },           { "luhn", s_luhn, false, false },
    { "mod97", s_mod97, false, false },   { "ssn", s_ssn, false, false },
    { "phone", s_phone, false, false },   { "ipv4_public", s_ipv4_public, false, false },
    { "mixed", s_mixed, true, false },    { "not_base64", s_not_base64, true, false },
    { "entropy", s_entropy, true, true },
};

//  Reads "name" or "name:BITS".
static int
s_read (const char *text, size_t size, guard_check_t *ret_check)
{
    const char *colon = memchr (text, ':', size);
    size_t name = colon ? (size_t) (colon - text) : size;
    for (size_t i = 1; i < sizeof s_checks / sizeof *s_checks; i++) {
        if (strlen (s_checks[i].name) != name || strncmp (text, s_checks[i].name, name)
            || s_checks[i].has_bits != (colon != NULL))
            continue;
        ret_check->kind = (int) i;
        if (!colon)
            return 0;
        char *end = NULL;
        ret_check->bits = strtod (colon + 1, &end);
        return end == text + size && end > colon + 1 && ret_check->bits >= 0
                       && ret_check->bits <= ENTROPY_MOST
                   ? 0
                   : -1;
    }
    return -1;
}

int
guard_check_read (const char *text, guard_check_t ret_checks[GUARD_CHECKS_MAX],
                  br_error_t *reterr)
{
    int count = 0;
    while (text && *text) {
        size_t size = strcspn (text, "+");
        guard_check_t check = { .kind = 0 };
        if (count == GUARD_CHECKS_MAX || s_read (text, size, &check))
            return br_error_set (reterr, BR_ECONFIG, "there is no check '%.*s'",
                                 (int) (size < 64 ? size : 64), text);
        ret_checks[count++] = check;
        text += size;
        if (*text == '+' && text[1] == '\0')
            return br_error_set (reterr, BR_ECONFIG, "a check is missing behind the '+'");
        text += *text == '+';
    }
    return count;
}

bool
guard_check_passes (const guard_check_t *self, const char *match, size_t size,
                    const char *group, size_t group_size)
{
    if (!s_checks[self->kind].passes)
        return true;
    bool of_group = s_checks[self->kind].of_group && group;
    return s_checks[self->kind].passes (self, of_group ? group : match,
                                        of_group ? group_size : size);
}
