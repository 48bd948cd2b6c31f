//  terminal: a pseudo-terminal for tests: what is typed into it, and what was shown.

#ifndef TESTS_CLI_TERMINAL_H
#define TESTS_CLI_TERMINAL_H

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

typedef struct {
    int master; //  -1 once hung up
    int slave;
    char shown[16384];
} terminal_t;

static inline terminal_t *
terminal_new (void)
{
    terminal_t *self = calloc (1, sizeof *self);
    assert_non_null (self);
    self->master = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true (self->master >= 0);
    assert_int_equal (grantpt (self->master), 0);
    assert_int_equal (unlockpt (self->master), 0);
    self->slave = open (ptsname (self->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true (self->slave >= 0);
    return self;
}

static inline void
terminal_type (terminal_t *self, const char *keys)
{
    size_t size = strlen (keys);
    assert_int_equal (write (self->master, keys, size), (ssize_t) size);
}

//  All that was shown since the last time. "owned by self, until next time"
static inline const char *
terminal_shown (terminal_t *self)
{
    size_t size = 0;
    struct pollfd fd = { self->master, POLLIN, 0 };
    while (size < sizeof self->shown - 1 && poll (&fd, 1, 0) == 1) {
        ssize_t rc = read (self->master, self->shown + size,
                           sizeof self->shown - 1 - size);
        if (rc <= 0)
            break;
        size += (size_t) rc;
    }
    self->shown[size] = 0;
    return self->shown;
}

static inline void
terminal_hang_up (terminal_t *self)
{
    close (self->master);
    self->master = -1;
}

static inline void
terminal_destroy (terminal_t **self_p)
{
    if ((*self_p)->master >= 0)
        close ((*self_p)->master);
    close ((*self_p)->slave);
    free (*self_p);
    *self_p = NULL;
}

#endif
