//  Questions on a terminal: what keys do, what is shown, and how it ends.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "cli/prompt.h"
#include "tests/cli/terminal.h"

typedef struct {
    terminal_t *terminal;
    cli_prompt_t *prompt;
} fixture_t;

static int
s_set_up (void **state)
{
    fixture_t *self = calloc (1, sizeof *self);
    self->terminal = terminal_new ();
    int slave = self->terminal->slave;
    self->prompt = cli_prompt_new (slave, slave, false, NULL);
    assert_non_null (self->prompt);
    terminal_shown (self->terminal); //  what it says to the terminal
    *state = self;
    return 0;
}

static int
s_tear_down (void **state)
{
    fixture_t *self = *state;
    cli_prompt_destroy (&self->prompt);
    assert_null (self->prompt);
    cli_prompt_destroy (&self->prompt);
    terminal_destroy (&self->terminal);
    free (self);
    return 0;
}

static size_t
s_select (fixture_t *self, const char *keys, size_t start)
{
    static const char *const s_options[] = { "first", "second", "third" };
    terminal_type (self->terminal, keys);
    return cli_prompt_select (self->prompt, "Which?", s_options, 3, start);
}

static void
given_options_when_keys_move_then_the_marked_one_is_taken (void **state)
{
    static const struct {
        const char *keys;
        size_t start, chosen;
    } rows[] = {
        { "\r", 0, 0 },         { "\n", 1, 1 },
        { "\033[B\r", 0, 1 },   { "\033OB\033OB\r", 0, 2 },
        { "\033[A\r", 0, 2 },   { "\033[B\033[B\033[B\r", 0, 0 },
        { "jjk\r", 0, 1 },      { "3", 0, 2 },
        { "9x\033[5~2", 0, 1 }, { "\033[1;5B\r", 0, 1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal (s_select (*state, rows[i].keys, rows[i].start), rows[i].chosen);
}

static void
given_options_then_the_marked_one_has_a_sign (void **state)
{
    fixture_t *self = *state;
    s_select (self, "\r", 1);
    const char *shown = terminal_shown (self->terminal);
    assert_non_null (strstr (shown, "? Which?\r\n  first\r\n> second\r\n  third"));
    assert_null (strstr (shown, "\033[36m")); //  no colour
}

static void
given_a_question_when_answered_then_yes_no_and_nothing_count (void **state)
{
    fixture_t *self = *state;
    terminal_type (self->terminal, "y\rNO\r\r\rwhat\ryes\r");
    assert_true (cli_prompt_confirm (self->prompt, "a", false));
    assert_false (cli_prompt_confirm (self->prompt, "b", true));
    assert_true (cli_prompt_confirm (self->prompt, "c", true));
    assert_false (cli_prompt_confirm (self->prompt, "d", false));
    assert_true (cli_prompt_confirm (self->prompt, "e", false));
    const char *shown = terminal_shown (self->terminal);
    assert_non_null (strstr (shown, "? b [Y/n] "));
    assert_non_null (strstr (shown, "? d [y/N] "));
    assert_non_null (strstr (shown, "Answer y or n."));
}

static void
s_line_is (fixture_t *self, const char *keys, const char *otherwise, const char *wanted)
{
    terminal_type (self->terminal, keys);
    char *line = cli_prompt_line (self->prompt, "Name", otherwise);
    assert_string_equal (line, wanted);
    free (line);
}

static void
given_a_line_when_edited_then_characters_and_all_of_it_go (void **state)
{
    fixture_t *self = *state;
    s_line_is (self, "abc\r", "", "abc");
    s_line_is (self, "  a b \r", "", "a b");
    s_line_is (self, "\r", "usual", "usual");
    s_line_is (self, "abx\177c\r", "", "abc");
    s_line_is (self, "a\xc3\xa4\177b\r", "", "ab");
    s_line_is (self, "nonsense\025good\r", "", "good");
    s_line_is (self, "\177\177x\033[D\r", "", "x");
    s_line_is (self, "x\004y\r", "", "xy");
}

static void
given_a_secret_when_typed_then_it_is_not_shown (void **state)
{
    fixture_t *self = *state;
    terminal_type (self->terminal, "sk-hidX\177den\r");
    char *secret = cli_prompt_secret (self->prompt, "Key");
    assert_string_equal (secret, "sk-hidden");
    assert_string_equal (terminal_shown (self->terminal), "? Key: \r\n");
    cli_prompt_forget (&secret);
    assert_null (secret);
    cli_prompt_forget (&secret);
}

static void
given_something_pasted_then_its_ends_of_lines_answer_no_other_question (void **state)
{
    fixture_t *self = *state;
    s_line_is (self, "\033[200~  one\ntwo\r\n\004\033[201~\r", "", "one two");
    s_line_is (self, "\033[200~a\r\033[201~b\033[200~\nc\033[201~\r", "", "a b c");
    terminal_type (self->terminal, "\033[200~sk-a\rsk-b\r\033[201~\r");
    terminal_shown (self->terminal);
    char *secret = cli_prompt_secret (self->prompt, "Key");
    assert_string_equal (secret, "sk-a sk-b");
    cli_prompt_forget (&secret);
    assert_string_equal (terminal_shown (self->terminal), "? Key: \r\n");
    assert_int_equal (s_select (self, "\033[200~3\r\033[201~2", 0), 1);
}

//  The terminal itself holds no 8192 bytes, so they are typed while they are read.
static void
given_a_line_without_room_when_it_is_typed_then_half_of_it_is_not_taken (void **state)
{
    fixture_t *self = *state;
    pid_t child = fork ();
    if (child == 0) {
        char many[] = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";
        for (int i = 0; i < 200; i++)
            (void) !write (self->terminal->master, many, sizeof many - 1);
        (void) !write (self->terminal->master, "\rshort\r", 7);
        _exit (0);
    }
    char *secret = cli_prompt_secret (self->prompt, "Key");
    assert_string_equal (secret, "short");
    cli_prompt_forget (&secret);
    assert_int_equal (waitpid (child, NULL, 0), child);
    assert_non_null (strstr (terminal_shown (self->terminal), "over 8192 bytes"));
}

//  Every question after an end is answered by it, without reading.
static void
s_all_end (fixture_t *self, cli_prompt_end_t end)
{
    assert_int_equal (cli_prompt_end (self->prompt), end);
    assert_false (cli_prompt_confirm (self->prompt, "a", true));
    assert_int_equal (s_select (self, "3", 1), 1);
    s_line_is (self, "abc\r", "usual", "");
    char *secret = cli_prompt_secret (self->prompt, "Key");
    assert_string_equal (secret, "");
    cli_prompt_forget (&secret);
}

static void
given_a_question_when_broken_off_then_all_are (void **state)
{
    fixture_t *self = *state;
    terminal_type (self->terminal, "half a wo\003");
    char *line = cli_prompt_line (self->prompt, "Name", "usual");
    assert_string_equal (line, "");
    free (line);
    s_all_end (self, CLI_PROMPT_BREAK);
}

static void
given_a_choice_when_the_input_ends_then_all_end (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (s_select (self, "\004", 2), 2);
    s_all_end (self, CLI_PROMPT_END);
}

static void
given_a_question_when_the_terminal_goes_away_then_it_ends (void **state)
{
    fixture_t *self = *state;
    terminal_hang_up (self->terminal);
    assert_false (cli_prompt_confirm (self->prompt, "a", true));
    assert_int_equal (cli_prompt_end (self->prompt), CLI_PROMPT_END);
}

static void
given_a_terminal_when_the_prompt_goes_then_it_is_as_it_was (void **state)
{
    fixture_t *self = *state;
    struct termios now;
    assert_int_equal (tcgetattr (self->terminal->slave, &now), 0);
    assert_false (now.c_lflag & ECHO);
    cli_prompt_destroy (&self->prompt);
    assert_int_equal (tcgetattr (self->terminal->slave, &now), 0);
    assert_true (now.c_lflag & ECHO);
    assert_true (now.c_lflag & ISIG);
}

static void
given_no_terminal_then_nobody_is_asked (void **state)
{
    (void) state;
    int ends[2];
    assert_int_equal (pipe (ends), 0);
    br_error_t error = { .code = BR_OK };
    assert_null (cli_prompt_new (ends[0], ends[1], false, &error));
    assert_int_equal (error.code, BR_ESYSTEM);
    close (ends[0]);
    close (ends[1]);
}

#define WITH(test) cmocka_unit_test_setup_teardown (test, s_set_up, s_tear_down)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        WITH (given_options_when_keys_move_then_the_marked_one_is_taken),
        WITH (given_options_then_the_marked_one_has_a_sign),
        WITH (given_a_question_when_answered_then_yes_no_and_nothing_count),
        WITH (given_a_line_when_edited_then_characters_and_all_of_it_go),
        WITH (given_a_secret_when_typed_then_it_is_not_shown),
        WITH (given_something_pasted_then_its_ends_of_lines_answer_no_other_question),
        WITH (given_a_line_without_room_when_it_is_typed_then_half_of_it_is_not_taken),
        WITH (given_a_question_when_broken_off_then_all_are),
        WITH (given_a_choice_when_the_input_ends_then_all_end),
        WITH (given_a_question_when_the_terminal_goes_away_then_it_ends),
        WITH (given_a_terminal_when_the_prompt_goes_then_it_is_as_it_was),
        cmocka_unit_test (given_no_terminal_then_nobody_is_asked),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
