//  text: a run of bytes with its length, mostly UTF-8, that somebody else owns. It may hold
//  zero bytes and has no end mark.

#ifndef BR_TEXT_H
#define BR_TEXT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct _br_text_t {
    const char *at; //  borrowed; NULL = absent, which is not the same as empty
    size_t size;    //  bytes
} br_text_t;

//  Of a literal.
#define BR_TEXT(literal) ((br_text_t) { "" literal, sizeof (literal) - 1 })
#define BR_TEXT_NONE ((br_text_t) { NULL, 0 })

br_text_t br_text (const char *string); //  of a C string, or absent for NULL
bool br_text_is (br_text_t self, const char *string);
bool br_text_equal (br_text_t a, br_text_t b); //  absent equals empty
bool br_text_starts (br_text_t self, const char *string);
bool br_text_ends (br_text_t self, const char *string);
bool br_text_has (br_text_t self, const char *string); //  anywhere in it
bool br_text_is_blank (br_text_t self);                //  nothing but blanks, or nothing

#endif
