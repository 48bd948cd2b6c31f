//  netsplit: calls while somebody else cuts links, and their tally.
//
//      netsplit PORT CALLS
//
//  It does what lines of its input say:
//      go              calls without a pause, from now on
//      cut, heal       hosts cannot reach each other; they can again
//      count           tells complete, failed and wrong calls so far, in one line
//      rest            makes no more calls; tells "rests" when the last one has ended
//      judge LOG FILE  of the mock provider, and the ledger: ends with 0 when all is well

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/chaos/callers.h"

#define LOOK_MS 50 //  less than the tally's tick

typedef struct {
    tally_t *tally;
    callers_t *callers;
    unsigned port;
    unsigned calls;
    bool is_cut;
    int status; //  of the end; -1 = goes on
} netsplit_t;

static void
s_judge (netsplit_t *self, const char *line)
{
    char log[512], database[512];
    self->status = 2;
    if (sscanf (line, "judge %511s %511s", log, database) == 2)
        self->status = tally_judge (self->tally, log, database) ? 1 : 0;
}

static void
s_obey (netsplit_t *self, const char *line)
{
    if (strcmp (line, "go") == 0)
        callers_go (self->callers, self->port, self->calls);
    else if (strcmp (line, "cut") == 0)
        self->is_cut = true;
    else if (strcmp (line, "heal") == 0)
        self->is_cut = false;
    else if (strcmp (line, "count") == 0)
        printf ("%u %u %u\n", tally_count (self->tally, TALLY_COMPLETE),
                tally_count (self->tally, TALLY_FAILED),
                tally_count (self->tally, TALLY_WRONG));
    else if (strcmp (line, "rest") == 0) {
        callers_rest (self->callers);
        printf ("rests\n");
    } else
        s_judge (self, line);
    if (self->is_cut)
        tally_cut (self->tally);
}

//  Lines that are there, or nothing for a while. False at the end of input.
static bool
s_listen (netsplit_t *self)
{
    static const char newline[] = "\n";
    char line[1200];
    size_t size = 0;
    struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
    if (self->is_cut)
        tally_cut (self->tally);
    if (poll (&input, 1, LOOK_MS) <= 0)
        return true;
    while (size < sizeof line - 1 && read (STDIN_FILENO, line + size, 1) == 1
           && line[size] != newline[0])
        size++;
    line[size] = 0;
    if (size)
        s_obey (self, line);
    return size > 0;
}

int
main (int argc, char **argv)
{
    if (argc != 3) {
        fprintf (stderr, "usage: netsplit PORT CALLS\n");
        return 2;
    }
    signal (SIGPIPE, SIG_IGN);
    setvbuf (stdout, NULL, _IOLBF, 0);
    netsplit_t self = { .port = (unsigned) strtoul (argv[1], NULL, 10),
                        .calls = (unsigned) strtoul (argv[2], NULL, 10),
                        .status = -1 };
    self.tally = tally_new (self.calls);
    self.callers = callers_new (self.tally);
    while (self.status < 0 && s_listen (&self))
        ;
    callers_destroy (&self.callers);
    tally_destroy (&self.tally);
    return self.status < 0 ? 2 : self.status;
}
