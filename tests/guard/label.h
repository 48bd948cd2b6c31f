//  label: whether something that was found in a text of somebody else truly is what its
//  family says. Rules of their own, which share nothing with the patterns; and a list of
//  findings that a person looked at.

#ifndef TEST_LABEL_H
#define TEST_LABEL_H

#include <stdbool.h>
#include <stddef.h>

typedef struct _label_t label_t;

//  reviewed: a file of lines "FAMILY HASH", with '#' before remarks. "caller destroys"
label_t *label_new (const char *reviewed);
void label_destroy (label_t **self_p);

//  in:   text, size bytes, in which found_size bytes at `at` were found
bool label_is_true (const label_t *self, const char *family, const char *text,
                    size_t size, size_t at, size_t found_size);

//  The hash of a finding, as the list has it.
unsigned long long label_hash (const char *bytes, size_t size);

#endif
