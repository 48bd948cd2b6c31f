//  form: a table of classes and a table of makers of numbers with check digits.

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/guard/form.h"

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define WORD_MAX 256   //  bytes of what stands between braces
#define VALUE_MAX 4096 //  bytes of what it becomes

static const struct {
    char name;
    const char *letters;
} s_classes[] = {
    { 'd', DIGITS },
    { 'D', "23456789" },
    { 'h', DIGITS "abcdef" },
    { 'a', DIGITS LOWER UPPER },
    { 'A', LOWER UPPER },
    { 'l', LOWER },
    { 'L', UPPER },
    { 'U', DIGITS UPPER },
    { 'm', DIGITS LOWER },
    { 's', DIGITS LOWER UPPER "-_" },
    { 'b', DIGITS LOWER UPPER "+/" },
    { 'B', "qpzry9x8gf2tvdw0s3jn54khce6mua7l" },
};

uint32_t
form_random (form_random_t *self, uint32_t count)
{
    self->state ^= self->state << 13;
    self->state ^= self->state >> 7;
    self->state ^= self->state << 17;
    return (uint32_t) ((self->state >> 24) % count);
}

//  ---- numbers with check digits

static char
s_luhn_digit (const char *digits, size_t size)
{
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned digit = (unsigned) (digits[size - 1 - i] - '0');
        if (i % 2 == 0)
            digit = digit > 4 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return (char) ('0' + (10 - sum % 10) % 10);
}

//  A number of so many digits with that beginning; wrong: its last digit is not the right one.
static void
s_card (form_random_t *random, const char *start, size_t size, bool wrong, char *number)
{
    size_t at = strlen (start);
    memcpy (number, start, at);
    while (at < size - 1)
        number[at++] = (char) ('0' + form_random (random, 10));
    char last = s_luhn_digit (number, size - 1);
    if (wrong)
        last = (char) ('0' + (last - '0' + 1 + (int) form_random (random, 9)) % 10);
    number[size - 1] = last;
    number[size] = '\0';
}

static unsigned
s_mod97 (const char *text)
{
    unsigned rest = 0;
    for (; *text; text++) {
        bool digit = *text >= '0' && *text <= '9';
        unsigned value = (unsigned) (digit ? *text - '0' : *text - 'A' + 10);
        rest = (rest * (digit ? 10 : 100) + value) % 97;
    }
    return rest;
}

static void
s_iban (form_random_t *random, bool wrong, char *number)
{
    static const struct {
        const char *country;
        const char *rest; //  n: digit, a: upper-case letter
    } forms[] = {
        { "DE", "nnnnnnnnnnnnnnnnnn" },
        { "GB", "aaaannnnnnnnnnnnnn" },
        { "FR", "nnnnnnnnnnnnnnnnnnnnnnn" },
        { "ES", "nnnnnnnnnnnnnnnnnnnn" },
        { "IT", "annnnnnnnnnnnnnnnnnnnnn" },
        { "NL", "aaaannnnnnnnnn" },
        { "CH", "nnnnnnnnnnnnnnnnn" },
        { "PL", "nnnnnnnnnnnnnnnnnnnnnnnn" },
        { "BE", "nnnnnnnnnnnn" },
        { "AT", "nnnnnnnnnnnnnnnn" },
        { "NO", "nnnnnnnnnnn" },
        { "SE", "nnnnnnnnnnnnnnnnnnnn" },
        { "MT", "aaaannnnnnnnnnnnnnnnnnnnnnn" },
    };
    size_t row = form_random (random, sizeof forms / sizeof *forms);
    char rest[40] = "", turned[64];
    for (size_t i = 0; forms[row].rest[i]; i++)
        rest[i] = (char) (forms[row].rest[i] == 'n' ? '0' + form_random (random, 10)
                                                    : 'A' + form_random (random, 26));
    snprintf (turned, sizeof turned, "%s%s00", rest, forms[row].country);
    unsigned check = 98 - s_mod97 (turned);
    if (wrong)
        check = check == 98 ? 97 : check + 1;
    snprintf (number, WORD_MAX, "%s%02u%s", forms[row].country, check, rest);
}

static void
s_ssn (form_random_t *random, const char *form, char *number)
{
    unsigned area = 1 + form_random (random, 898);
    if (area == 666)
        area = 667;
    snprintf (number, WORD_MAX, form, area, 1 + form_random (random, 99),
              1 + form_random (random, 9999));
}

//  Puts blanks between each four.
static void
s_in_fours (char *number, char blank)
{
    char copy[WORD_MAX];
    size_t at = 0;
    for (size_t i = 0; number[i]; i++) {
        if (i && i % 4 == 0)
            copy[at++] = blank;
        copy[at++] = number[i];
    }
    copy[at] = '\0';
    memcpy (number, copy, at + 1);
}

static void
s_amex (form_random_t *random, char *number)
{
    char plain[WORD_MAX];
    s_card (random, form_random (random, 2) ? "34" : "37", 15, false, plain);
    if (form_random (random, 2)) {
        memcpy (number, plain, 16);
        return;
    }
    snprintf (number, WORD_MAX, "%.4s %.6s %.5s", plain, plain + 4, plain + 10);
}

//  ret: false when the word names no maker
static bool
s_make (form_random_t *random, const char *word, char *value)
{
    const char *start = strchr (word, ':');
    start = start ? start + 1 : "";
    if (strncmp (word, "card", 4) == 0 || strncmp (word, "wrongcard", 9) == 0) {
        s_card (random, start, 16, *word == 'w', value);
        if (strncmp (word, "cards", 5) == 0)
            s_in_fours (value, form_random (random, 2) ? ' ' : '-');
    } else if (strcmp (word, "amex") == 0)
        s_amex (random, value);
    else if (strcmp (word, "iban") == 0 || strcmp (word, "wrongiban") == 0)
        s_iban (random, *word == 'w', value);
    else if (strcmp (word, "ibans") == 0) {
        s_iban (random, false, value);
        s_in_fours (value, ' ');
    } else if (strcmp (word, "ssn") == 0)
        s_ssn (random, "%03u-%02u-%04u", value);
    else if (strcmp (word, "ssns") == 0)
        s_ssn (random, form_random (random, 2) ? "%03u %02u %04u" : "%03u%02u%04u",
               value);
    else if (strcmp (word, "octet") == 0)
        snprintf (value, WORD_MAX, "%u", 11 + form_random (random, 110));
    else
        return false;
    return true;
}

//  ---- forms

static const char *
s_class (char name)
{
    for (size_t i = 0; i < sizeof s_classes / sizeof *s_classes; i++)
        if (s_classes[i].name == name)
            return s_classes[i].letters;
    return NULL;
}

//  One of the words between bars.
static void
s_choose (form_random_t *random, const char *word, char *value)
{
    uint32_t count = 1;
    for (const char *c = word; *c; c++)
        count += *c == '|';
    uint32_t choice = form_random (random, count);
    while (choice--)
        word = strchr (word, '|') + 1;
    size_t size = strcspn (word, "|");
    memcpy (value, word, size);
    value[size] = '\0';
}

static size_t
s_fill (form_random_t *random, const char *word, char *value)
{
    const char *letters = s_class (*word);
    char *end;
    unsigned long least = letters ? strtoul (word + 1, &end, 10) : 0;
    if (!least)
        return 0;
    unsigned long most = *end == '-' ? strtoul (end + 1, NULL, 10) : least;
    size_t size = least + form_random (random, (uint32_t) (most - least + 1));
    for (size_t i = 0; i < size; i++)
        value[i] = letters[form_random (random, (uint32_t) strlen (letters))];
    value[size] = '\0';
    return size;
}

size_t
form_write (form_random_t *random, const char *form, char *text, size_t at, size_t max)
{
    while (*form) {
        if (*form != '{' || form[1] == ' ' || form[1] == '\0') {
            assert (at < max);
            text[at++] = *form++;
            continue;
        }
        char word[WORD_MAX], value[VALUE_MAX];
        size_t size = strcspn (form + 1, "}");
        assert (size < sizeof word && form[size + 1] == '}');
        memcpy (word, form + 1, size);
        word[size] = '\0';
        form += size + 2;
        if (!s_make (random, word, value) && !s_fill (random, word, value))
            s_choose (random, word, value);
        assert (at + strlen (value) < max);
        memcpy (text + at, value, strlen (value));
        at += strlen (value);
    }
    text[at] = '\0';
    return at;
}
