//  guard_fold: a tool's name without what clients change about it: case, and which of
//  '-', '_', ' ' and so on stands between its words.
//
//  A run of bytes that are neither ASCII letters nor digits becomes '_', or '/' when it
//  parts names in all clients' eyes: "__", '/', '.' or ':'. One at the beginning goes. Other
//  letters stay as they are, but for their blanks, their dashes and what is not seen, which
//  are as '-' is.

#ifndef BR_GUARD_FOLD_H
#define BR_GUARD_FOLD_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    GUARD_FOLD_CASE,  //  deleteRepo is deleterepo
    GUARD_FOLD_CAMEL, //  deleteRepo is delete_repo
    GUARD_FOLDS       //  how many there are
} guard_fold_t;

//  Bytes of the mark that a text begins with; 0 = a byte of a word, or the end.
size_t guard_fold_mark (const char *text);

//  Bytes of a tool's name without what stands behind it: marks, numbers behind a colon
//  ("t:0"), and all from "<|" on.
size_t guard_fold_end (const char *text);

//  Bytes of the separator of names that a text begins with, or 0.
size_t guard_fold_separator (const char *text);

//  in:   is_glob, then '*' stays, and nothing parts names. "caller frees"
char *guard_fold_new (const char *text, guard_fold_t fold, bool is_glob);

//  Takes all marks out of a folded text.
void guard_fold_unmark (char *folded);

//  Whether a name is as a glob says, of which '*' is any bytes. When both are folded, '_' of
//  a glob is '/' of a name too, and '_' may be in one of them alone, but not beside a star.
bool guard_fold_fits (const char *glob, const char *name, bool is_folded);

#endif
