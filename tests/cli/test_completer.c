//  Tests of cli/completer.

#include "cli/completer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "cli/dispatch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FILE_TEXT                                                                        \
    "server: { listen: 127.0.0.1:0 }\n"                                                  \
    "providers:\n"                                                                       \
    "  priced:\n"                                                                        \
    "    api_base: http://127.0.0.1:9/v1\n"                                              \
    "    api_key: secret-of-a-test\n"                                                    \
    "    rate_limits: { '*': { requests_per_minute: 60 }, 'b*': { concurrency: 4 } }\n"  \
    "    models: { big: { max_input_tokens: 1000, provider_model_id: theirs, pricing: "  \
    "{ "                                                                                 \
    "input_tokens: { no_cache: 3 }, output_tokens: { text: 15 } } } }\n"                 \
    "models:\n"                                                                          \
    "  cheap: { strategy: cheapest, endpoints: [{ provider: priced, service_id: big }, " \
    "{ provider: echo, service_id: echo }, { provider: openai, service_id: x }] }\n"

static const char *const s_environ[] = { "HOME=/nonexistent", NULL };

typedef struct {
    char home[64];
    cli_t cli;
} fixture_t;

static int
s_setup (void **state)
{
    fixture_t *self = BR_NEW (fixture_t);
    strcpy (self->home, "/tmp/bitrouter-test-XXXXXX");
    assert_non_null (mkdtemp (self->home));
    char *path = br_strf ("%s/bitrouter.yaml", self->home);
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    fputs (FILE_TEXT, file);
    fclose (file);
    free (path);
    self->cli.flags.home_dir = self->home;
    self->cli.flags.environ_v = s_environ;
    *state = self;
    return 0;
}

static int
s_teardown (void **state)
{
    fixture_t *self = *state;
    char *path = br_strf ("%s/bitrouter.yaml", self->home);
    unlink (path);
    free (path);
    rmdir (self->home);
    free (self);
    return 0;
}

static const cli_command_t s_deep = { .name = "show",
                                      .args = "NAME [--since WHEN]",
                                      .about = "one of them" };
static const cli_command_t *const s_below[] = { &s_deep, NULL };
static const cli_command_t s_group = {
    .name = "topology", .args = "COMMAND", .about = "a group", .commands = s_below
};
static const cli_command_t s_plain = {
    .name = "models",
    .args = "[--provider NAME] [--supports WORDS] [-g]",
    .about = "a command",
    .help = "  --provider NAME  of one\n  -q, --quiet      say --nothing\n",
};
static const cli_command_t *const s_top[] = { &s_group, &s_plain, NULL };
static const cli_command_t s_root = { .name = "bitrouter",
                                      .args = "",
                                      .commands = s_top };

//  What is offered for words with blanks between, the last one begun.
static void
s_offers (void **state, const char *line, const char *wanted)
{
    fixture_t *self = *state;
    self->cli.program = &s_root;
    char *copy = br_strdup (line);
    char *words[16];
    int count = 0;
    for (char *rest = copy, *word; (word = strsep (&rest, " "));)
        words[count++] = word;
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream (&text, &size);
    cli_completer_print (&self->cli, count, words, file);
    fclose (file);
    assert_string_equal (text, wanted);
    free (text);
    free (copy);
}

static void
given_the_beginning_when_a_word_is_begun_then_commands_are_offered (void **state)
{
    s_offers (state, "", "topology\ta group\nmodels\ta command\n");
    s_offers (state, "mo", "models\ta command\n");
    s_offers (state, "topology s", "show\tone of them\n");
    s_offers (state, "x", "");
    s_offers (state, "nothing to", "");
}

static void
given_a_dash_when_an_option_is_begun_then_each_is_offered_once (void **state)
{
    s_offers (state, "models --pro", "--provider\tof one\n");
    s_offers (state, "models --qui", "--quiet\tsay --nothing\n");
    s_offers (state, "models --no", "");
    s_offers (state, "models --json --home-d",
              "--home-dir\thome directory (default: ./ with a bitrouter.yaml,\n");
}

static void
given_an_option_when_its_value_is_begun_then_values_are_offered (void **state)
{
    s_offers (state, "models --supports im", "images\n");
    s_offers (state, "models --supports=im", "--supports=images\n");
    s_offers (state, "models --provider prc", "");
    s_offers (state, "models --provider pri", "priced\tactive\n");
    s_offers (state, "--log-format js", "json\n");
    s_offers (state, "--env-file x", "@files\n");
    s_offers (state, "topology show x --since tod", "today\n");
}

static void
given_a_command_when_its_argument_is_begun_then_its_values_are_offered (void **state)
{
    s_offers (state, "topology show pro", "processes\n");
    s_offers (state, "--log-level info topology --json show pro", "processes\n");
}

static void
given_no_home_when_names_are_asked_for_then_none_is_made (void **state)
{
    fixture_t *self = *state;
    char *home = br_strf ("HOME=%s/nobody", self->home);
    const char *const environ_v[] = { home, NULL };
    self->cli.flags.home_dir = NULL;
    self->cli.flags.environ_v = environ_v;
    s_offers (state, "models --provider pri", "");
    assert_int_equal (access (home + strlen ("HOME="), F_OK), -1);
    free (home);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (
            given_the_beginning_when_a_word_is_begun_then_commands_are_offered, s_setup,
            s_teardown),
        cmocka_unit_test_setup_teardown (
            given_a_dash_when_an_option_is_begun_then_each_is_offered_once, s_setup,
            s_teardown),
        cmocka_unit_test_setup_teardown (
            given_an_option_when_its_value_is_begun_then_values_are_offered, s_setup,
            s_teardown),
        cmocka_unit_test_setup_teardown (
            given_a_command_when_its_argument_is_begun_then_its_values_are_offered,
            s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (
            given_no_home_when_names_are_asked_for_then_none_is_made, s_setup,
            s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
