//  pty: a child with a terminal of its own.

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tui/pty.h"

#define PATIENCE_MS 10000

void
pty_begin (pty_t *self, const char *term, int width, int height, int (*run) (void))
{
    const struct winsize size = { .ws_col = (unsigned short) width,
                                  .ws_row = (unsigned short) height };
    self->status = -1;
    self->size = 0;
    *self->text = 0;
    self->pid = forkpty (&self->fd, NULL, NULL, &size);
    if (self->pid == 0) {
        setenv ("TERM", term, 1);
        setenv ("LC_ALL", "C.UTF-8", 1);
        unsetenv ("LINES");
        unsetenv ("COLUMNS");
        _exit (run ());
    }
}

//  False when nothing more comes.
static bool
s_read (pty_t *self)
{
    struct pollfd output = { .fd = self->fd, .events = POLLIN };
    if (poll (&output, 1, PATIENCE_MS) <= 0)
        return false;
    if (self->size + 1 >= sizeof self->text)
        self->size = 0;
    ssize_t size = read (self->fd, self->text + self->size,
                         sizeof self->text - 1 - self->size);
    if (size <= 0)
        return false;
    self->size += (size_t) size;
    self->text[self->size] = 0;
    return true;
}

bool
pty_await (pty_t *self, const char *words)
{
    while (!strstr (self->text, words))
        if (!s_read (self))
            return false;
    return true;
}

void
pty_type (const pty_t *self, const char *keys)
{
    ssize_t rc = write (self->fd, keys, strlen (keys));
    (void) rc;
}

void
pty_resize (const pty_t *self, int width, int height)
{
    const struct winsize size = { .ws_col = (unsigned short) width,
                                  .ws_row = (unsigned short) height };
    ioctl (self->fd, TIOCSWINSZ, &size);
}

void
pty_end (pty_t *self)
{
    while (s_read (self))
        ;
    waitpid (self->pid, &self->status, 0);
    close (self->fd);
}
