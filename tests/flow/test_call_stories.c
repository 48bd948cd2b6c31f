//  call stories: what is said in a call, message by message, in data/*.txt: start reading
//  there. A line at the left margin is something that happens, and a command to this test;
//  what it leads to stands indented below. The test does what the file says, and compares.
//
//  By itself all is delivered at once. "nothing moves" holds messages back from then on,
//  "alpha -> router moves" delivers those of one link, "all moves" all of them again.
//  BR_FLOW_WRITE=1 writes the files anew.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "tests/flow/judge.h"

#define STORY_MAX 65536

typedef struct {
    net_t *net;
    net_conf_t conf;
    bool held;
} story_t;

static const char *const s_hosts[NET_HOSTS] = { "ingress", "router", "alpha",
                                                "beta",    "meter",  "guard" };
static const char s_words[] = "hdexfolcFb.";

//  The host that a text begins with; NET_HOSTS for none.
static unsigned
s_host (const char *text)
{
    unsigned host = 0;
    while (host < NET_HOSTS && strncmp (text, s_hosts[host], strlen (s_hosts[host])) != 0)
        host++;
    return host;
}

static void
s_move (story_t *self, const char *line)
{
    unsigned from = s_host (line);
    const char *arrow = strstr (line, "-> ");
    unsigned to = arrow ? s_host (arrow + 3) : NET_HOSTS;
    if (from == NET_HOSTS || to == NET_HOSTS)
        fail_msg ("which link? '%s'", line);
    net_note (self->net, line);
    while (net_events (self->net) >> NET_DELIVER (from, to) & 1)
        net_do (self->net, NET_DELIVER (from, to));
}

static void
s_say (story_t *self, unsigned host, const char *what)
{
    static const char scripts[sizeof s_words][2] = { "h", "d", "e", "x", "f", "o",
                                                     "l", "c", "F", "b", "" };
    book_t *book = net_book (self->net);
    size_t word = 0;
    while (s_words[word] && strcmp (peers_word (s_words[word]), what) != 0)
        word++;
    if (!s_words[word])
        fail_msg ("nobody can say '%s'", what);
    for (size_t i = 0; i < book->attempts_size; i++)
        if (book->attempts[i].host == host + 1)
            book->attempts[i].script = scripts[word];
    net_do (self->net, NET_SAY (host, 0));
}

static void
s_command (story_t *self, const char *line)
{
    unsigned host = s_host (line);
    const char *rest = host < NET_HOSTS ? line + strlen (s_hosts[host]) : line;
    if (strncmp (line, "client 0 asks: ", 15) == 0) {
        self->conf.asks[0] = line + 15;
        net_do (self->net, NET_ASK (0));
    } else if (strcmp (line, "client 0 leaves") == 0)
        net_do (self->net, NET_LEAVE (0));
    else if (strcmp (line, "6 ms pass") == 0)
        net_do (self->net, NET_TICK);
    else if (strcmp (line, "1000 ms pass") == 0)
        net_do (self->net, NET_SECOND);
    else if (strcmp (line, "nothing moves") == 0 || strcmp (line, "all moves") == 0) {
        self->held = *line == 'n';
        net_note (self->net, line);
    } else if (host == NET_HOSTS)
        fail_msg ("no command: '%s'", line);
    else if (strncmp (rest, " says: ", 7) == 0)
        s_say (self, host, rest + 7);
    else if (strcmp (rest, " dies") == 0)
        net_do (self->net, NET_DIE (host));
    else if (strstr (rest, "is lost"))
        net_do (self->net, NET_FALL (host));
    else
        s_move (self, line);
    if (!self->held)
        net_settle (self->net, false);
}

//  Does what the lines of a story say; returns it as it went. "caller frees"
static char *
s_play (char *text, br_buf_t *complaints)
{
    story_t self = { .conf = { .title = "a story", .clients = 1, .loud = true } };
    self.conf.retries = strstr (text, "back-off") ? 1 : 0;
    br_buf_t told;
    br_buf_init (&told, STORY_MAX);
    self.conf.asks[0] = "stream";
    self.net = net_new (&self.conf);
    for (char *line = strtok (text, "\n"); line; line = strtok (NULL, "\n")) {
        if (*line == '#')
            br_buf_addf (&told, "%s\n", line);
        else if (*line != ' ')
            s_command (&self, line);
    }
    br_buf_adds (&told, net_history (self.net));
    judge (self.net, &self.conf, complaints);
    net_destroy (&self.net);
    char *story = br_strdup (br_buf_text (&told));
    br_buf_free (&told);
    return story;
}

static char *
s_read (const char *path)
{
    FILE *file = fopen (path, "r");
    if (!file)
        fail_msg ("cannot read %s", path);
    char *text = br_alloc (1, STORY_MAX);
    size_t size = fread (text, 1, STORY_MAX - 1, file);
    text[size] = 0;
    fclose (file);
    return text;
}

static void
s_write (const char *path, const char *text)
{
    FILE *file = fopen (path, "w");
    if (!file)
        fail_msg ("cannot write %s", path);
    fputs (text, file);
    fclose (file);
}

static void
it_goes_as_told (void **state)
{
    const char *top = getenv ("BR_SOURCE_DIR");
    char *path = br_strf ("%s/tests/flow/data/%s.txt", top ? top : ".",
                          (const char *) *state);
    char *text = s_read (path);
    char *commands = br_strdup (text);
    br_buf_t complaints;
    br_buf_init (&complaints, STORY_MAX);
    char *story = s_play (commands, &complaints);
    if (getenv ("BR_FLOW_WRITE"))
        s_write (path, story);
    else
        assert_string_equal (story, text);
    assert_string_equal (br_buf_text (&complaints), "");
    br_buf_free (&complaints);
    free (story);
    free (commands);
    free (text);
    free (path);
}

#define STORY(name)                                                                      \
    {                                                                                    \
        name, it_goes_as_told, NULL, NULL, (void *) (uintptr_t) name                     \
    }

int
main (void)
{
    const struct CMUnitTest tests[] = {
        STORY ("plain"),
        STORY ("stream"),
        STORY ("fail-over"),
        STORY ("all-fail"),
        STORY ("all-limited"),
        STORY ("back-off"),
        STORY ("cancel-in-back-off"),
        STORY ("larger-window"),
        STORY ("broken-stream"),
        STORY ("goes-on"),
        STORY ("goes-on-in-vain"),
        STORY ("cancel"),
        STORY ("gone-before-commit"),
        STORY ("gone-after-commit"),
        STORY ("gone-with-the-end"),
        STORY ("router-gone"),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
