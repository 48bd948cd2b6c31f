//  json_value: what one JSON value says, read straight from its bytes. A value is the range
//  that json.h finds: a string with its quotes, a number without blanks around it.

#ifndef BR_JSON_VALUE_H
#define BR_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/buf.h"
#include "broker/core/error.h"

#define JSON_CHAR_MAX 4 //  bytes of one character in UTF-8

//  One character of a string's inside: undoes an escape, a surrogate pair too, and checks
//  UTF-8. *at moves behind it.
//  out:  the character in UTF-8
//  ret:  its bytes, 1 to 4; 0 when there is no valid one at *at: the end, a bad escape, a
//        lone surrogate, a quote, a raw control character, or broken UTF-8
size_t json_char (const uint8_t **at, const uint8_t *end, uint8_t out[JSON_CHAR_MAX]);

//  Bytes of the valid UTF-8 character at `at`, 1 to 4, or 0.
size_t json_utf8 (const uint8_t *at, const uint8_t *end);

//  Adds the text of a string value to out. A string may hold zero bytes ("\u0000").
//  err:  BR_EINVALID no valid string, with the byte offset inside of it; BR_ETOOBIG past
//        the maximum of out. Then out holds what fitted.
int json_string (const void *bytes, size_t size, br_buf_t *out, br_error_t *reterr);

//  Copies the text of a string value into out as a C string.
//  in:   room, bytes of out
//  ret:  0, or -1 when it is no valid string, does not fit or holds a zero byte; then out
//        is ""
int json_text (const void *bytes, size_t size, char *out, size_t room);

//  A string value whose text is exactly this; both spellings of an escape are equal.
bool json_string_is (const void *bytes, size_t size, const char *text);

//  A number without a fraction (a fraction of zeros is let pass) and without an exponent.
//  err:  BR_EINVALID
int json_integer (const void *bytes, size_t size, int64_t *ret_number,
                  br_error_t *reterr);

//  err:  BR_EINVALID
int json_bool (const void *bytes, size_t size, bool *ret_bool, br_error_t *reterr);

#endif
