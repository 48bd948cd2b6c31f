//  money: decimals to nano-USD and back. A number is read as its digits and the place of
//  its point, and only then made a count of nano-USD.

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "broker/core/money.h"

#define DECIMALS 9        //  of a nano-USD
#define EXPONENT_MAX 1000 //  beyond it a number is nothing that anybody means

//  A number as it was written: digits * 10 ^ exponent.
typedef struct {
    const char *digits; //  with a point among them, or none
    size_t size;        //  bytes
    int exponent;
} decimal_t;

//  The power of ten behind the digits. 0 or -1.
static int
s_read_exponent (const char *text, int *ret_exponent)
{
    bool is_negative = *text == '-';
    text += *text == '-' || *text == '+';
    if (!isdigit ((unsigned char) *text))
        return -1;
    int exponent = 0;
    for (; isdigit ((unsigned char) *text); text++)
        if (exponent <= EXPONENT_MAX)
            exponent = exponent * 10 + (*text - '0');
    if (*text || exponent > EXPONENT_MAX)
        return -1;
    *ret_exponent = is_negative ? -exponent : exponent;
    return 0;
}

//  Splits a text into digits and exponent. 0 or -1.
static int
s_read_decimal (const char *text, decimal_t *ret_decimal)
{
    text += *text == '+';
    size_t whole = strspn (text, "0123456789");
    size_t size = whole;
    if (text[size] == '.')
        size += 1 + strspn (text + size + 1, "0123456789");
    bool has_digit = whole > 0 || size > 1;
    *ret_decimal = (decimal_t) { .digits = text, .size = size };
    if (!has_digit)
        return -1;
    if (text[size] == 'e' || text[size] == 'E')
        return s_read_exponent (text + size + 1, &ret_decimal->exponent);
    return text[size] ? -1 : 0;
}

//  The decimal place of the first digit: 0 for ones, 2 for hundreds, -1 for tenths.
static int
s_first_place (const decimal_t *decimal)
{
    const char *point = memchr (decimal->digits, '.', decimal->size);
    size_t whole = point ? (size_t) (point - decimal->digits) : decimal->size;
    return (int) whole - 1 + decimal->exponent;
}

//  Adds one digit at its place. 0, or -1 when there is no such nano-USD, or too many.
static int
s_add_digit (int64_t *nusd, int digit, int place)
{
    if (digit == 0)
        return 0;
    if (place < -DECIMALS || place > 6)
        return -1;
    int64_t worth = digit;
    for (int i = -DECIMALS; i < place; i++)
        worth *= 10;
    *nusd += worth;
    return *nusd <= BR_MONEY_USD_MAX * BR_MONEY_NUSD_PER_USD ? 0 : -1;
}

int
br_money_parse (const char *text, int64_t *ret_nusd)
{
    decimal_t decimal;
    if (strnlen (text, EXPONENT_MAX) == EXPONENT_MAX || s_read_decimal (text, &decimal))
        return -1;
    int64_t nusd = 0;
    int place = s_first_place (&decimal);
    for (size_t i = 0; i < decimal.size; i++) {
        if (decimal.digits[i] == '.')
            continue;
        if (s_add_digit (&nusd, decimal.digits[i] - '0', place--))
            return -1;
    }
    *ret_nusd = nusd;
    return 0;
}

void
br_money_print (int64_t nusd, char *text)
{
    uint64_t size = nusd < 0 ? -(uint64_t) nusd : (uint64_t) nusd;
    uint64_t whole = size / (uint64_t) BR_MONEY_NUSD_PER_USD;
    uint64_t rest = size % (uint64_t) BR_MONEY_NUSD_PER_USD;
    int used = snprintf (text, BR_MONEY_TEXT_MAX, "%s%" PRIu64 ".%09" PRIu64,
                         nusd < 0 ? "-" : "", whole, rest);
    while (text[used - 1] == '0')
        text[--used] = 0;
    if (text[used - 1] == '.')
        text[--used] = 0;
}
