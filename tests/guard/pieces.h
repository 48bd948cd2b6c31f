//  pieces: texts that hold nothing to be found, or hardly: one piece of each of many files of
//  Debian packages, and our own writing. The hash of a file's name decides its half.

#ifndef TEST_PIECES_H
#define TEST_PIECES_H

#include <stdbool.h>
#include <stddef.h>

#define PIECE_MAX 8192   //  bytes of one
#define PIECE_LEAST 200  //  bytes of one of a package
#define PACKAGE_MOST 450 //  pieces of one package

typedef struct _piece_t {
    const char *name; //  the file; owned by the walk
    const char *text;
    size_t size; //  bytes
    bool held_out;
} piece_t;

typedef void (pieces_fn) (void *arg, const piece_t *piece);

//  list: a file of lines "PACKAGE PATH"; files that cannot be read, hold a zero byte or are
//  too short are passed over. ret: how many pieces
size_t pieces_of_packages (const char *list, pieces_fn *fn, void *arg);

//  The files NAME.txt of a folder, in pieces between lines "%%".
size_t pieces_of_folder (const char *folder, pieces_fn *fn, void *arg);

#endif
