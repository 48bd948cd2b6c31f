//  event_filter: names first, which cost nothing; then the fields of the line.

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_words.h"
#include "broker/core/glob.h"
#include "cli/event_filter.h"

struct _cli_event_filter_t {
    const cli_event_wish_t *wish; //  borrowed
    br_conf_words_t *calls;       //  owned; ids of the calls of the run
};

cli_event_filter_t *
cli_event_filter_new (const cli_event_wish_t *wish)
{
    cli_event_filter_t *self = BR_NEW (cli_event_filter_t);
    self->wish = wish;
    self->calls = br_conf_words_new ();
    return self;
}

void
cli_event_filter_destroy (cli_event_filter_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_conf_words_destroy (&(*self_p)->calls);
    free (*self_p);
    *self_p = NULL;
}

//  ---- names

bool
cli_event_fits (const char *pattern, const char *name)
{
    size_t size = strlen (pattern);
    if (strchr (pattern, '*'))
        return br_glob_fits (pattern, name);
    bool is_group = size > 0 && pattern[size - 1] == '.';
    return is_group ? strncmp (pattern, name, size) == 0 : strcmp (pattern, name) == 0;
}

size_t
cli_event_prefix (const char *pattern)
{
    return strcspn (pattern, "*");
}

static bool
s_is_named (const cli_event_wish_t *wish, const char *name)
{
    for (int i = 0; i < wish->names_count; i++)
        if (cli_event_fits (wish->names[i], name))
            return true;
    return wish->names_count == 0;
}

//  ---- fields

static const char *
s_text (const cJSON *event, const char *field)
{
    const char *text = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (event, field));
    return text ? text : "";
}

static bool
s_is (const cJSON *event, const char *field, const char *wanted)
{
    return strcmp (s_text (event, field), wanted) == 0;
}

//  Of a run, or of a call that was.
static bool
s_is_of_run (cli_event_filter_t *self, const cJSON *event)
{
    const char *call = s_text (event, "call");
    bool is_known = *call && br_conf_words_has (self->calls, call);
    if (!s_is (event, "run", self->wish->run))
        return is_known;
    if (*call && !is_known && br_conf_words_count (self->calls) < CLI_EVENT_CALLS_MAX)
        br_conf_words_add (self->calls, call);
    return true;
}

static bool
s_fits (cli_event_filter_t *self, const cJSON *event)
{
    const cli_event_wish_t *wish = self->wish;
    bool is_of_run = !wish->run || s_is_of_run (self, event);
    if (wish->call && !s_is (event, "call", wish->call)
        && !s_is (event, "request_id", wish->call))
        return false;
    if (wish->provider && !s_is (event, "provider", wish->provider))
        return false;
    return is_of_run;
}

bool
cli_event_filter_wants (cli_event_filter_t *self, const char *name, const char *line,
                        size_t size)
{
    const cli_event_wish_t *wish = self->wish;
    bool is_named = s_is_named (wish, name);
    if (!wish->run && !wish->call && !wish->provider)
        return is_named;
    cJSON *event = cJSON_ParseWithLength (line, size);
    bool fits = s_fits (self, event);
    cJSON_Delete (event);
    return is_named && fits;
}
