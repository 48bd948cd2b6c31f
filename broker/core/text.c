//  text: runs of bytes.

#include <string.h>

#include "broker/core/text.h"

br_text_t
br_text (const char *string)
{
    return (br_text_t) { string, string ? strlen (string) : 0 };
}

bool
br_text_is (br_text_t self, const char *string)
{
    size_t size = strlen (string);
    return self.at && self.size == size && memcmp (self.at, string, size) == 0;
}

bool
br_text_equal (br_text_t a, br_text_t b)
{
    return a.size == b.size && (a.size == 0 || memcmp (a.at, b.at, a.size) == 0);
}

bool
br_text_starts (br_text_t self, const char *string)
{
    size_t size = strlen (string);
    return self.size >= size && (size == 0 || memcmp (self.at, string, size) == 0);
}

bool
br_text_ends (br_text_t self, const char *string)
{
    size_t size = strlen (string);
    return self.size >= size
           && (size == 0 || memcmp (self.at + self.size - size, string, size) == 0);
}

bool
br_text_has (br_text_t self, const char *string)
{
    size_t size = strlen (string);
    return size == 0 || (self.size && memmem (self.at, self.size, string, size));
}

bool
br_text_is_blank (br_text_t self)
{
    for (size_t i = 0; i < self.size; i++)
        if (!memchr (" \t\r\n", self.at[i], 4))
            return false;
    return true;
}
