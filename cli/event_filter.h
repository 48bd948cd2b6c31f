//  event_filter: which events somebody wants to see: by name, and by what they are of.

#ifndef BR_CLI_EVENT_FILTER_H
#define BR_CLI_EVENT_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#define CLI_EVENT_CALLS_MAX 4096 //  calls of a run that are followed; later ones are not

//  What is asked for; members that are NULL or 0 ask for nothing. All are borrowed.
typedef struct _cli_event_wish_t {
    char *const *names; //  see cli_event_fits
    int names_count;    //
    const char *call;   //  a call's id, or its request id
    const char *run;    //  every event of its calls that started meanwhile
    const char *provider;
} cli_event_wish_t;

typedef struct _cli_event_filter_t cli_event_filter_t;

//  wish and what it names are borrowed while the filter lives. "caller destroys"
cli_event_filter_t *cli_event_filter_new (const cli_event_wish_t *wish);
void cli_event_filter_destroy (cli_event_filter_t **self_p);

//  Whether an event is wanted; remembers the calls of the run.
//  in:   name, of the event; line, its JSON object
bool cli_event_filter_wants (cli_event_filter_t *self, const char *name, const char *line,
                             size_t size);

//  Whether a pattern means an event: its name, the beginning of names with a dot at its
//  end like "call.", or a glob like "*.failed".
bool cli_event_fits (const char *pattern, const char *name);

//  How many bytes of a pattern all names begin with that it means.
size_t cli_event_prefix (const char *pattern);

#endif
