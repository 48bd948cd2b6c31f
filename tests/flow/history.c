//  history: lines about messages and answers.

#include <stdlib.h>
#include <string.h>

#include "broker/core/failure.h"
#include "tests/flow/history.h"

#define LINE_MAX_BYTES (64u << 10)
#define SHOWN_MAX 100 //  bytes of an answer in a line

static const char *const s_noise[] = { "request_id",   "generation",   "surface",
                                       "model_at",     "model_size",   "started_ms",
                                       "latency_us",   "first_us",     "strategy",
                                       "route",        "content_type", "input_tokens",
                                       "elsewhere_us", "affinity" };

//  Whether "name=value" is worth a look.
static bool
s_tells (const char *token, size_t size)
{
    const char *equals = memchr (token, '=', size);
    if (!equals)
        return true;
    size_t name_size = (size_t) (equals - token);
    for (size_t i = 0; i < sizeof s_noise / sizeof *s_noise; i++)
        if (strlen (s_noise[i]) == name_size
            && memcmp (token, s_noise[i], name_size) == 0)
            return false;
    size_t value_size = size - name_size - 1;
    bool is_unset = value_size == 5 && strncmp (equals + 1, "0.0.0", 5) == 0;
    bool is_zero = (value_size == 1 && equals[1] == '0') || is_unset;
    bool counts = strncmp (token, "seq=", 4) == 0 || strncmp (token, "outcome=", 8) == 0;
    return value_size > 0 && equals[1] != '(' && (!is_zero || counts);
}

//  A token, with words for the numbers of an outcome, a code or a failure.
static void
s_add_token (br_buf_t *self, const char *token, size_t size)
{
    unsigned number = 0;
    const char *equals = memchr (token, '=', size);
    if (equals)
        number = (unsigned) strtoul (equals + 1, NULL, 10);
    if (strncmp (token, "outcome=", 8) == 0)
        br_buf_addf (self, "outcome=%s", br_outcome_name (number));
    else if (strncmp (token, "code=", 5) == 0)
        br_buf_addf (self, "code=%s", br_code_name ((br_code_t) number));
    else if (strncmp (token, "failure=", 8) == 0)
        br_buf_addf (self, "failure=%s", br_failure_label (br_failure_of (number)));
    else
        br_buf_add (self, token, size);
}

void
history_message (br_buf_t *self, const char *from, const char *to, const br_msg_t *msg)
{
    br_buf_t line;
    br_buf_init (&line, LINE_MAX_BYTES);
    br_msg_print (msg, &line);
    br_buf_addf (self, "    %-7s -> %-7s ", from, to);
    const char *at = br_buf_text (&line);
    bool shown = true;
    for (bool first = true; *at; first = false) {
        size_t size = strcspn (at, " ");
        if (memchr (at, '=', size))
            shown = s_tells (at, size);
        if (shown && !first)
            br_buf_addc (self, ' ');
        if (shown)
            s_add_token (self, at, size);
        at += size;
        if (*at)
            at++;
    }
    br_buf_addc (self, '\n');
    br_buf_free (&line);
}

//  One line; line ends are shown as \n, and a long text by its beginning.
static void
s_add_text (br_buf_t *self, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size && i < SHOWN_MAX; i++) {
        if (bytes[i] == '\n')
            br_buf_adds (self, "\\n");
        else
            br_buf_addc (self, (char) bytes[i]);
    }
    if (size > SHOWN_MAX)
        br_buf_addf (self, "... (%zu)", size);
}

void
history_client (br_buf_t *self, unsigned number, const http_call_t *client,
                history_seen_t *seen)
{
    static const char *const ends[] = {
        [CLIENT_WHOLE] = "the end", [CLIENT_CUT] = "cut"
    };
    if (client->status != seen->status)
        br_buf_addf (self, "    client %u <- %u %s\n", number, client->status,
                     client->content_type);
    if (client->got.size > seen->size) {
        br_buf_addf (self, "    client %u <- ", number);
        s_add_text (self, client->got.data + seen->size, client->got.size - seen->size);
        br_buf_addc (self, '\n');
    }
    if (client->end != seen->end
        && (client->end == CLIENT_WHOLE || client->end == CLIENT_CUT))
        br_buf_addf (self, "    client %u <- %s\n", number, ends[client->end]);
    *seen = (history_seen_t) { client->status, client->got.size, client->end };
}
