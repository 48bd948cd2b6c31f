//  guard_fold: a tool's name without what clients change about it: case, and which of
//  '-', '_', ' ' and so on stands between its words.
//
//  A run of bytes that are neither ASCII letters nor digits becomes '_', or '/' when it
//  parts names in all clients' eyes: "__", '/', '.' or ':'. One at the beginning goes. Other
//  letters stay as they are.

#ifndef BR_GUARD_FOLD_H
#define BR_GUARD_FOLD_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    GUARD_FOLD_CASE,  //  deleteRepo is deleterepo
    GUARD_FOLD_CAMEL, //  deleteRepo is delete_repo
    GUARD_FOLDS       //  how many there are
} guard_fold_t;

//  Whether a byte is of a word. Those of other alphabets than ASCII are.
bool guard_fold_is_letter (char c);

//  Bytes of the separator of names that a text begins with, or 0.
size_t guard_fold_separator (const char *text);

//  in:   is_glob, then '*' stays, and nothing parts names. "caller frees"
char *guard_fold_new (const char *text, guard_fold_t fold, bool is_glob);

//  Whether a name is as a glob says, of which '*' is any bytes; '_' of a glob is '/' of a
//  name too when both are folded.
bool guard_fold_fits (const char *glob, const char *name, bool is_folded);

#endif
