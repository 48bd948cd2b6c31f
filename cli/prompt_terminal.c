//  prompt_terminal: the modes of a terminal while somebody is asked, and the signals of
//  that time. They are read from a descriptor: no handler, nothing that is shared.

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "cli/prompt_terminal.h"

//  src:  invisible-island.net/xterm/ctlseqs, "Bracketed Paste Mode"
#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

struct _cli_prompt_terminal_t {
    int in, out;        //  borrowed
    bool tells_pastes;  //  it was asked to
    struct termios old; //  as the terminal was
    struct termios raw; //  as it is here
    sigset_t held;      //  signals that wait
    sigset_t before;    //  what waited before
    int signals_fd;     //  -1 = none
    int signal;         //  that has ended it, 0 = none
};

//  ---- modes

static void
s_write (const cli_prompt_terminal_t *self, const char *text)
{
    (void) !write (self->out, text, strlen (text));
}

static int
s_take (const cli_prompt_terminal_t *self)
{
    if (tcsetattr (self->in, TCSADRAIN, &self->raw))
        return -1;
    if (self->tells_pastes)
        s_write (self, PASTE_ON);
    return 0;
}

static void
s_give_back (const cli_prompt_terminal_t *self)
{
    if (self->tells_pastes)
        s_write (self, PASTE_OFF);
    (void) tcsetattr (self->in, TCSADRAIN, &self->old);
}

static struct termios
s_raw (const struct termios *old)
{
    struct termios raw = *old;
    raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_iflag &= (tcflag_t) ~(ICRNL | INLCR | IXON);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    return raw;
}

//  ---- signals

//  One that is ignored stays so.
static void
s_hold_signals (cli_prompt_terminal_t *self)
{
    static const int s_signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP };
    sigemptyset (&self->held);
    for (size_t i = 0; i < sizeof s_signals / sizeof *s_signals; i++) {
        struct sigaction action;
        if (sigaction (s_signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset (&self->held, s_signals[i]);
    }
    pthread_sigmask (SIG_BLOCK, &self->held, &self->before);
    self->signals_fd = signalfd (-1, &self->held, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
s_let_signals (cli_prompt_terminal_t *self)
{
    if (self->signals_fd >= 0)
        close (self->signals_fd);
    if (self->signal)
        raise (self->signal); //  it waits for the next line
    pthread_sigmask (SIG_SETMASK, &self->before, NULL);
}

//  Stops as the shell expects it, and takes the terminal when it goes on.
static void
s_stop (const cli_prompt_terminal_t *self)
{
    sigset_t stop;
    sigemptyset (&stop);
    sigaddset (&stop, SIGTSTP);
    s_give_back (self);
    raise (SIGTSTP);
    pthread_sigmask (SIG_UNBLOCK, &stop, NULL);
    pthread_sigmask (SIG_BLOCK, &stop, NULL);
    (void) s_take (self);
}

static void
s_take_signal (cli_prompt_terminal_t *self)
{
    struct signalfd_siginfo info;
    if (read (self->signals_fd, &info, sizeof info) != (ssize_t) sizeof info)
        return;
    if (info.ssi_signo == SIGTSTP)
        s_stop (self);
    else
        self->signal = (int) info.ssi_signo;
}

//  ---- life

cli_prompt_terminal_t *
cli_prompt_terminal_new (int in, int out, br_error_t *reterr)
{
    const char *term = getenv ("TERM");
    cli_prompt_terminal_t *self = BR_NEW (cli_prompt_terminal_t);
    self->in = in;
    self->out = out;
    self->tells_pastes = term && *term && strcmp (term, "dumb") != 0;
    if (tcgetattr (in, &self->old) == 0) {
        self->raw = s_raw (&self->old);
        s_hold_signals (self);
        if (s_take (self) == 0)
            return self;
        s_let_signals (self);
    }
    br_error_set (reterr, BR_ESYSTEM, "cannot ask on this terminal: %s",
                  strerror (errno));
    free (self);
    return NULL;
}

void
cli_prompt_terminal_destroy (cli_prompt_terminal_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    s_give_back (*self_p);
    s_let_signals (*self_p);
    free (*self_p);
    *self_p = NULL;
}

int
cli_prompt_terminal_signal (const cli_prompt_terminal_t *self)
{
    return self->signal;
}

//  ---- bytes

int
cli_prompt_terminal_read (cli_prompt_terminal_t *self, int timeout_ms)
{
    unsigned char byte;
    while (!self->signal) {
        struct pollfd fds[] = { { self->in, POLLIN, 0 },
                                { self->signals_fd, POLLIN, 0 } };
        int count = poll (fds, 2, timeout_ms);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return -1;
        if (fds[1].revents) {
            s_take_signal (self);
            continue;
        }
        ssize_t size = read (self->in, &byte, 1);
        if (size < 0 && errno == EINTR)
            continue;
        return size == 1 ? byte : -1;
    }
    return -1;
}
