//  guard_spelling: where a server ends and a tool begins, in every spelling.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/guard/guard_spelling.h"

typedef struct {
    const char *name;
    size_t part;
    const char *server;
    const char *glob;
    int expected;
} row_t;

typedef int (ask_fn) (const guard_spelling_t *name, size_t part,
                      const guard_server_t *server, const guard_glob_t *glob);

static int
s_ask_is (const guard_spelling_t *name, size_t part, const guard_server_t *server,
          const guard_glob_t *glob)
{
    return (int) guard_spelling_is (name, part, server, glob);
}

static int
s_ask_may_be (const guard_spelling_t *name, size_t part, const guard_server_t *server,
              const guard_glob_t *glob)
{
    return guard_spelling_may_be (name, part, server, glob);
}

static int
s_ask_bare (const guard_spelling_t *name, size_t part, const guard_server_t *server,
            const guard_glob_t *glob)
{
    (void) part;
    (void) server;
    return guard_spelling_may_be_bare (name, glob);
}

static int
s_ask_any (const guard_spelling_t *name, size_t part, const guard_server_t *server,
           const guard_glob_t *glob)
{
    (void) server;
    return guard_spelling_may_be_of_any (name, part, glob);
}

static void
s_check (ask_fn *ask, const row_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        guard_spelling_t *name = guard_spelling_new (rows[i].name);
        guard_server_t *server = guard_server_new (rows[i].server);
        guard_glob_t *glob = rows[i].glob ? guard_glob_new (rows[i].glob) : NULL;
        assert_true (rows[i].part < guard_spelling_parts (name));
        if (ask (name, rows[i].part, server, glob) != rows[i].expected)
            fail_msg ("%s of %s", rows[i].name, rows[i].server);
        guard_glob_destroy (&glob);
        guard_server_destroy (&server);
        guard_spelling_destroy (&name);
    }
}

#define CHECK(ask, rows) s_check (ask, rows, sizeof rows / sizeof *rows)

static void
given_a_name_then_its_parts_are_told (void **state)
{
    (void) state;
    static const struct {
        const char *name;
        size_t parts;
    } rows[] = { { "", 1 },      { "___", 1 },   { "a_b", 1 }, { "a__b", 2 },
                 { "/a/b/", 2 }, { "a_._b", 2 }, { "a:", 1 },  { "a/b.c:d", 4 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        guard_spelling_t *name = guard_spelling_new (rows[i].name);
        assert_int_equal (guard_spelling_parts (name), rows[i].parts);
        guard_spelling_destroy (&name);
        assert_null (name);
    }
    guard_spelling_destroy (NULL);
    assert_null (guard_spelling_new ("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a"));
}

static void
given_exact_spellings_then_they_are_told_from_others (void **state)
{
    (void) state;
    static const row_t rows[] = {
        { "mcp__a__t", 0, "a", "t", GUARD_SPELLED_PARTED },
        { "mcp__a__t", 1, "a", "t", GUARD_SPELLED_PARTED },
        { "mcp__a__t", 2, "a", "t", GUARD_SPELLED_NOT },
        { "a:t", 0, "a", NULL, GUARD_SPELLED_PARTED },
        { "a_t", 0, "a", "t", GUARD_SPELLED_JOINED },
        { "mcp_a-t", 0, "a", "t", GUARD_SPELLED_JOINED },
        { "a-b__t", 0, "a", "*", GUARD_SPELLED_NOT },
        { "A__t", 0, "a", "t", GUARD_SPELLED_NOT },
        { "x_y__t", 0, "x.y", "t", GUARD_SPELLED_PARTED },
        { "a__", 0, "a", NULL, GUARD_SPELLED_NOT },
        { "a", 0, "a", NULL, GUARD_SPELLED_NOT },
    };
    CHECK (s_ask_is, rows);
}

static void
given_loose_spellings_then_they_may_be_meant (void **state)
{
    (void) state;
    static const row_t rows[] = {
        { "GitHub_MCP__deleteRepo", 0, "github", "delete_repo", 1 },
        { "mcp-server-github.delete_repo", 0, "github", "delete_repo", 1 },
        { "github__delete_repo", 0, "github-mcp-server", "deleteRepo", 1 },
        { "mydocs/t", 0, "my.docs", "t", 1 },
        { "x/github/t", 0, "github", "t", 0 },
        { "x/github/t", 1, "github", "t", 1 },
        { "githubs__t", 0, "github", "t", 0 },
        { "github_x__t", 0, "github", "*", 0 },
        { "github_x__t", 0, "github", "x_t", 1 },
        { "mcp__t", 0, "mcp", "t", 1 },
        { "mcp", 0, "mcp", NULL, 0 },
        { "a__t", 0, "---", NULL, 0 },
        { "", 0, "a", NULL, 0 },
    };
    CHECK (s_ask_may_be, rows);
}

static void
given_a_name_without_a_server_then_the_tool_may_be_meant (void **state)
{
    (void) state;
    static const row_t rows[] = {
        { "delete_repo", 0, "", "delete_*", 1 },
        { "functions.deleteRepo", 0, "", "delete_repo", 1 },
        { "tools:mcp_delete_repo", 0, "", "delete_repo", 1 },
        { "other__delete_repo", 0, "", "*_repo", 0 },
        { "function_delete", 0, "", "delete", 0 },
        { "repo.delete", 0, "", "repo.delete", 1 },
        { "read", 0, "", "*", 0 },
    };
    CHECK (s_ask_bare, rows);
}

static void
given_any_server_then_each_part_may_be_meant (void **state)
{
    (void) state;
    static const row_t rows[] = {
        { "a/Bash", 1, "", "bash", 1 },        { "a/bash", 0, "", "bash", 0 },
        { "mcp_a_bash", 0, "", "bash", 1 },    { "git_bash", 0, "", "bash", 0 },
        { "mcp_a__bash", 0, "", "a_bash", 0 },
    };
    CHECK (s_ask_any, rows);
}

static void
given_names_of_servers_then_those_of_one_are_known (void **state)
{
    (void) state;
    guard_server_t *server = guard_server_new ("github-mcp");
    assert_true (guard_server_may_be (server, "GitHub"));
    assert_true (guard_server_may_be (server, "mcp-server-github"));
    assert_false (guard_server_may_be (server, "gitlab"));
    guard_server_destroy (&server);
    guard_server_destroy (&server);
    guard_server_destroy (NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_name_then_its_parts_are_told),
        cmocka_unit_test (given_exact_spellings_then_they_are_told_from_others),
        cmocka_unit_test (given_loose_spellings_then_they_may_be_meant),
        cmocka_unit_test (given_a_name_without_a_server_then_the_tool_may_be_meant),
        cmocka_unit_test (given_any_server_then_each_part_may_be_meant),
        cmocka_unit_test (given_names_of_servers_then_those_of_one_are_known),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
