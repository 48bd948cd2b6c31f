//  pty: a child with a terminal of its own.

#ifndef BR_TESTS_TUI_PTY_H
#define BR_TESTS_TUI_PTY_H

#include <stdbool.h>
#include <sys/types.h>

#define PTY_TEXT (1 << 20) //  bytes of what it wrote that are kept

typedef struct _pty_t {
    int fd; //  of our end
    pid_t pid;
    int status;          //  of the child, when it has ended
    char text[PTY_TEXT]; //  all that it wrote, with an end
    size_t size;
} pty_t;

//  Runs a function in a child whose standard input and output are the terminal; what it
//  returns is the child's exit status.
void pty_begin (pty_t *self, const char *term, int width, int height, int (*run) (void));

//  Reads on until the child has written these words, in pieces or not. False: it ended, or
//  did not within ten seconds.
bool pty_await (pty_t *self, const char *words);

void pty_type (const pty_t *self, const char *keys);
void pty_resize (const pty_t *self, int width, int height);

//  Reads to the end, and waits for the child.
void pty_end (pty_t *self);

#endif
