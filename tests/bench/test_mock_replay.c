//  Recordings are found by name, never outside of their folder, and come back as they
//  are; lines without framing get the protocol's own.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/mock_replay.h"

static const char s_sse[] = "data: {\"a\":1}\r\n\r\ndata: {\"b\":2}\r\n\r\n";

static char s_root[] = "/tmp/mock_replay.XXXXXX";

typedef struct {
    const char *path;
    const char *text;
} file_row_t;

static const file_row_t s_files[] = {
    { "openai-chat/plain.json", "{ \"id\": 1 }\n" },
    { "openai-chat/plain.meta.json", "{\"status\":429}" },
    { "openai-chat/lines.chunks.txt", "{\"n\":1}\n{\"n\":2}\n" },
    { "anthropic-messages/lines.chunks.txt", "{\"x\":0,\"type\":\"ping\"}" },
    { "google-generate/flow.sse", s_sse },
};

static const char *const s_folders[] = { "openai-chat", "anthropic-messages",
                                         "google-generate" };

static int
s_open (void **state)
{
    (void) state;
    char path[256];
    if (!mkdtemp (s_root))
        return -1;
    for (size_t i = 0; i < 3; i++) {
        snprintf (path, sizeof path, "%s/%s", s_root, s_folders[i]);
        mkdir (path, 0700);
    }
    for (size_t i = 0; i < sizeof s_files / sizeof s_files[0]; i++) {
        snprintf (path, sizeof path, "%s/%s", s_root, s_files[i].path);
        FILE *file = fopen (path, "w");
        if (!file)
            return -1;
        fputs (s_files[i].text, file);
        fclose (file);
    }
    return 0;
}

static int
s_close (void **state)
{
    (void) state;
    char path[256];
    for (size_t i = 0; i < sizeof s_files / sizeof s_files[0]; i++) {
        snprintf (path, sizeof path, "%s/%s", s_root, s_files[i].path);
        unlink (path);
    }
    for (size_t i = 0; i < 3; i++) {
        snprintf (path, sizeof path, "%s/%s", s_root, s_folders[i]);
        rmdir (path);
    }
    return rmdir (s_root);
}

static void
s_expect (const char *name, mock_form_t form, int status, size_t pieces, const char *text)
{
    mock_tape_t *tape = mock_replay_new (s_root, name, form);
    assert_non_null (tape);
    assert_int_equal (mock_tape_status (tape), status);
    assert_int_equal (mock_tape_count (tape), pieces);
    br_buf_t all;
    br_buf_init (&all, 1 << 16);
    for (size_t i = 0; i < pieces; i++)
        mock_tape_get (tape, i, &all);
    assert_string_equal (br_buf_text (&all), text);
    br_buf_free (&all);
    mock_tape_destroy (&tape);
    assert_null (tape);
}

static void
recordings_come_back (void **state)
{
    (void) state;
    s_expect ("openai-chat/plain", MOCK_PLAIN, 429, 1, "{ \"id\": 1 }\n");
    s_expect ("chat/plain@cut1", MOCK_SSE, 429, 1, "{ \"id\": 1 }\n");
    s_expect ("google/flow", MOCK_SSE, 200, 2, s_sse);
    s_expect ("google/flow", MOCK_PLAIN, 200, 2, s_sse);
}

static void
framing_is_put_back (void **state)
{
    (void) state;
    s_expect ("chat/lines", MOCK_SSE, 200, 3,
              "data: {\"n\":1}\n\ndata: {\"n\":2}\n\ndata: [DONE]\n\n");
    s_expect ("messages/lines", MOCK_SSE, 200, 1,
              "event: ping\ndata: {\"x\":0,\"type\":\"ping\"}\n\n");
    s_expect ("google/flow", MOCK_ARRAY, 200, 3, "[{\"a\":1}\n,\n{\"b\":2}\n]");
}

static void
other_names_give_nothing (void **state)
{
    (void) state;
    static const char *const names[] = {
        "",
        "chat",
        "chat/",
        "chat/none",
        "chat/../openai-chat/plain",
        "chat/.",
        "other/plain",
        "chat/a/plain",
        "/etc",
        "../openai-chat/plain",
        "chat/pla\n",
        "chat/plain.js",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_null (mock_replay_new (s_root, names[i], MOCK_PLAIN));
    assert_null (mock_replay_new (NULL, "chat/plain", MOCK_PLAIN));
}

static void
models_name_recordings (void **state)
{
    (void) state;
    assert_string_equal (mock_replay_name ("replay/chat/x"), "chat/x");
    assert_string_equal (mock_replay_name ("a:replay/chat/x"), "chat/x");
    assert_string_equal (mock_replay_name ("models/replay/chat/x"), "chat/x");
    assert_null (mock_replay_name ("areplay/chat/x"));
    assert_null (mock_replay_name ("mock-replay"));
}

//  With the corpus there, every one of its files is an answer.
static void
the_corpus_is_replayed (void **state)
{
    (void) state;
    const char *source = getenv ("BR_SOURCE_DIR");
    char corpus[1024];
    char line[512];
    snprintf (corpus, sizeof corpus, "%s/../shared/corpus", source ? source : ".");
    char command[1200];
    snprintf (command, sizeof command, "cd '%s' 2>/dev/null && ls */*.meta.json", corpus);
    FILE *names = popen (command, "r");
    assert_non_null (names);
    size_t count = 0;
    while (fgets (line, sizeof line, names)) {
        *strstr (line, ".meta.json") = 0;
        mock_tape_t *tape = mock_replay_new (corpus, line, MOCK_PLAIN);
        assert_non_null (tape);
        assert_true (mock_tape_count (tape) > 0);
        mock_tape_destroy (&tape);
        count++;
    }
    pclose (names);
    if (!count)
        printf ("SKIP: no corpus at %s\n", corpus);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (recordings_come_back),
        cmocka_unit_test (framing_is_put_back),
        cmocka_unit_test (other_names_give_nothing),
        cmocka_unit_test (models_name_recordings),
        cmocka_unit_test (the_corpus_is_replayed),
    };
    return cmocka_run_group_tests_name ("mock_replay", tests, s_open, s_close);
}
