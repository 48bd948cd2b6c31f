//  form: writes a value by a rule: "AKIA{U16}" is AKIA and sixteen upper-case letters or
//  digits. The classes:
//
//      d digit  D 2-9  h hex  a letter or digit  A letter  l lower  L upper  U upper or digit
//      m lower or digit  s a, '-' or '_'  b base64  v visible tag character
//      {a16} sixteen, {a16-40} a random count between both, {first|second} one of the words
//      {card:4} a card number of 16 digits that begins with 4, {cards:4} in fours,
//      {amex} {iban} {ibans} {ssn} {ssns} {wrongcard} {wrongiban} {octet}

#ifndef TEST_FORM_H
#define TEST_FORM_H

#include <stddef.h>
#include <stdint.h>

typedef struct _form_random_t {
    uint64_t state; //  not 0
} form_random_t;

//  A number below count.
uint32_t form_random (form_random_t *self, uint32_t count);

//  Appends to text, which has room for max bytes and its end. ret: bytes of the whole text
size_t form_write (form_random_t *random, const char *form, char *text, size_t at,
                   size_t max);

#endif
