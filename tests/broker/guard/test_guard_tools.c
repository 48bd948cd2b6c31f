//  guard_tools: names of tools in every spelling, and what becomes of their arguments.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/guard/guard_tools.h"

#define SLICE                                                                            \
    "{\"tools\":{\"git-mcp\":{\"deny\":[\"delete_*\"],\"params\":{"                      \
    "\"create\":{\"deny\":[\"who\",\"why\"],\"action\":\"strip\"},"                      \
    "\"get\":{\"allow\":[\"id\"]},\"close\":{\"deny\":[\"x\"],\"allow\":[\"x\",\"y\"]}}" \
    "},"                                                                                 \
    "\"my.docs\":{\"allow\":[\"read\"]},\"*\":{\"deny\":[\"bash\"]}}}"

static guard_tools_t *
s_tools (const char *slice)
{
    br_error_t error = { BR_OK, "" };
    guard_tools_t *tools = guard_tools_new (slice, &error);
    assert_string_equal (error.text, "");
    assert_non_null (tools);
    return tools;
}

static void
s_check_names (const char *slice, const char *const *names, bool expected)
{
    guard_tools_t *tools = s_tools (slice);
    for (; *names; names++)
        if (guard_tools_allows (tools, *names) != expected)
            fail_msg ("%s", *names);
    guard_tools_destroy (&tools);
    guard_tools_destroy (&tools);
}

//  What becomes of arguments: the rest of them, or the error.
static void
s_check_args (const char *slice, const char *name, const char *args,
              guard_args_t expected, const char *text)
{
    guard_tools_t *tools = s_tools (slice);
    br_error_t error = { BR_OK, "" };
    br_buf_t out;
    br_buf_init (&out, 4096);
    assert_int_equal (guard_tools_args (tools, name, args, strlen (args), &out, &error),
                      expected);
    assert_string_equal (br_buf_text (&out), expected == GUARD_ARGS_STRIPPED ? text : "");
    assert_string_equal (error.text, expected == GUARD_ARGS_REJECTED ? text : "");
    br_buf_free (&out);
    guard_tools_destroy (&tools);
}

//  Given a server's rule, then the tool is found in every spelling.
static void
test_denied_tools_are_not_allowed (void **state)
{
    (void) state;
    static const char *const denied[] = {
        "mcp__git-mcp__delete_repo",
        "git-mcp__delete_repo",
        "git-mcp/delete_repo",
        "git-mcp.delete_repo",
        "mcp__git-mcp__delete_",
        "bash",
        "mcp__sh__bash",
        "sh/bash",
        "a.b.bash",
        "Bash",
        "functions.bash",
        "mcp_sh_bash",
        "mcp__my_docs__write",
        "My-Docs__read",
        "my.docs/write",
        "my_docs_write",
        "git_mcp/delete_repo",
        "delete_repo",
        NULL,
    };
    s_check_names (SLICE, denied, false);
}

static void
test_other_tools_are_allowed (void **state)
{
    (void) state;
    static const char *const allowed[] = {
        "mcp__git-mcp__get",
        "git-mcp",
        "git-mcp__",
        "xgit-mcp/delete_a",
        "git-mcpx",
        "bashful",
        "rebash",
        "mcp__my_docs__read",
        "my.docs/read",
        "git-mcp/undelete_x",
        "git-mcp/list_delete_events",
        "hub__delete_repo",
        "my_docs_read",
        "gateway__my_docs__read",
        "",
        NULL,
    };
    s_check_names (SLICE, allowed, true);
}

//  Given a list of allowed ones for all servers, then a part of the name is enough.
static void
test_any_server_may_have_a_list_of_allowed_ones (void **state)
{
    (void) state;
    static const char *const allowed[] = { "read", "mcp__a__read", "a/read", NULL };
    static const char *const denied[] = { "write", "mcp__read__write", "readx", NULL };
    const char *slice = "{\"tools\":{\"*\":{\"allow\":[\"read\"]}}}";
    s_check_names (slice, allowed, true);
    s_check_names (slice, denied, false);
}

//  What a person means by deny: [delete_repo] at github, as clients and models spell it.
static void
test_a_denied_tool_is_denied_in_every_spelling (void **state)
{
    (void) state;
    static const char *const denied[] = {
        "mcp__github__delete_repo",
        "github__delete_repo",
        "github/delete_repo",
        "github.delete_repo",
        "github:delete_repo",
        "github_delete_repo",
        "github-delete-repo",
        "mcp_github_delete_repo",
        "functions.mcp__github__delete_repo",
        "default_api:github_delete_repo",
        "tools.delete_repo",
        "multi_tool_use.delete_repo",
        "github_mcp__delete_repo",
        "GitHub-MCP__Delete-Repo",
        "mcp__server-github__delete_repo",
        "github-mcp-server/deleteRepo",
        "GITHUB__DELETE_REPO",
        "GitHub.deleteRepo",
        "Delete Repo",
        "mcp__delete_repo",
        "gateway__github__delete_repo",
        "mcp__gateway__github_delete_repo",
        "/github/delete_repo",
        "github___delete__repo",
        "delete_repo ",
        "delete_repo\n",
        "delete_repo_",
        "delete_repo,",
        "delete_repo()",
        "delete_repo:0",
        "functions.delete_repo:0",
        "delete_repo<|channel|>commentary",
        "mcp__github__delete_repo__",
        "mcp__github__delete_repo:12",
        "github_delete_repo ",
        "deleterepo",
        "DELETEREPO",
        "mcp__github__deleterepo",
        "delete\xC2\xA0repo",
        "delete_repo\xC2\xA0",
        "delete\xE2\x80\x8Brepo",
        "de\xE2\x80\x8Blete_repo",
        "delete\xE2\x80\x90repo",
        "github\xE2\x80\x90"
        "delete_repo",
        NULL,
    };
    static const char *const allowed[] = {
        "github__delete_repository",
        "gitlab__delete_repo",
        "mcp__gitlab__delete_repo",
        "github__undelete_repo",
        "mygithub_delete_repo",
        "repo_delete",
        "mcp__github__list_delete_repo",
        "delete_repo:all",
        "delete_rep\xC3\xB6",
        NULL,
    };
    const char *slice = "{\"tools\":{\"github\":{\"deny\":[\"delete_repo\"]}}}";
    s_check_names (slice, denied, false);
    s_check_names (slice, allowed, true);
}

//  Given that all of a server's tools are denied, then tools of others and of nobody are not.
static void
test_a_star_denies_a_whole_server (void **state)
{
    (void) state;
    static const char *const denied[] = { "github__a", "mcp__GitHub__a_b", "github_a",
                                          NULL };
    static const char *const allowed[] = { "Read", "mcp__github-enterprise__a",
                                           "gitlab__github", NULL };
    const char *slice = "{\"tools\":{\"github\":{\"deny\":[\"*\"]}}}";
    s_check_names (slice, denied, false);
    s_check_names (slice, allowed, true);
}

//  Given a list of allowed ones, then a spelling that nobody uses does not widen it.
static void
test_what_is_allowed_is_known_exactly (void **state)
{
    (void) state;
    static const char *const allowed[] = {
        "mcp__github__get_issue",
        "github__get_issue",
        "github_get_issue",
        "mcp_github_get_issue",
        "github-get_issue",
        "github:get_issue",
        "functions.github.get_issue",
        "other__write",
        "write",
        NULL,
    };
    static const char *const denied[] = {
        "GitHub__get_issue",
        "github__Get_issue",
        "github_mcp__get_issue",
        "github_write",
        "mcp_github_write",
        "functions.github.write",
        "gateway/github/write",
        "GitHub/x/github/get_a",
        "github__getissue",
        "github__write:0",
        NULL,
    };
    const char *slice = "{\"tools\":{\"github\":{\"allow\":[\"get_*\"]}}}";
    s_check_names (slice, allowed, true);
    s_check_names (slice, denied, false);
}

//  Given two servers whose names are alike, then each has its own rules.
static void
test_a_server_that_is_named_exactly_is_meant (void **state)
{
    (void) state;
    static const char *const denied[] = { "git__push", "git-mcp__pull", "git-mcp__Pull",
                                          "GIT-MCP__push", NULL };
    static const char *const allowed[] = { "git-mcp__push", "git__fetch", NULL };
    const char *slice = "{\"tools\":{\"git\":{\"deny\":[\"push\"]},\"git-mcp\":{"
                        "\"deny\":[\"pull\"]}}}";
    s_check_names (slice, denied, false);
    s_check_names (slice, allowed, true);
}

//  Given a name of more parts than are looked at, then it is not allowed.
static void
test_a_name_of_too_many_parts_is_not_allowed (void **state)
{
    (void) state;
    static const char *const denied[] = { "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q", NULL };
    static const char *const allowed[] = { "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/", NULL };
    s_check_names (SLICE, denied, false);
    s_check_names (SLICE, allowed, true);
    s_check_names ("{}", denied, true);
    guard_tools_t *tools = s_tools (SLICE);
    assert_true (guard_tools_has_params (tools, denied[0]));
    guard_tools_destroy (&tools);
    s_check_args (SLICE, denied[0], "{\"x\":1}", GUARD_ARGS_REJECTED,
                  "parameter 'x' denied on tool 'a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q'");
}

static void
test_no_rules_allow_all (void **state)
{
    (void) state;
    static const char *const names[] = { "bash", NULL };
    s_check_names ("{}", names, true);
    guard_tools_t *tools = s_tools ("{}");
    assert_false (guard_tools_has_rules (tools));
    assert_false (guard_tools_concern (tools, "git-mcp"));
    assert_false (guard_tools_has_params (tools, "bash"));
    guard_tools_destroy (&tools);
}

static void
test_rules_are_asked_by_name (void **state)
{
    (void) state;
    guard_tools_t *tools = s_tools ("{\"tools\":{\"a\":{\"params\":{\"t\":{}}}}}");
    assert_true (guard_tools_has_rules (tools));
    assert_true (guard_tools_concern (tools, "a"));
    assert_true (guard_tools_concern (tools, "mcp-server-A"));
    assert_false (guard_tools_concern (tools, "b"));
    assert_true (guard_tools_has_params (tools, "mcp__a__t"));
    assert_true (guard_tools_has_params (tools, "T"));
    assert_false (guard_tools_has_params (tools, "b/t"));
    guard_tools_destroy (&tools);
}

static void
test_denied_arguments_are_stripped (void **state)
{
    (void) state;
    s_check_args (SLICE, "git-mcp/create", "{\"title\": \"a\", \"body\":{\"who\":1}}",
                  GUARD_ARGS_AS_IS, "");
    s_check_args (SLICE, "git-mcp/create",
                  "{\"who\":[1], \"title\" : \"a\",\"w\\u0068y\":2, \"b\":null}",
                  GUARD_ARGS_STRIPPED, "{\"title\" : \"a\",\"b\":null}");
    s_check_args (SLICE, "git-mcp/create", "{\"who\":1}", GUARD_ARGS_STRIPPED, "{}");
}

static void
test_denied_arguments_are_rejected (void **state)
{
    (void) state;
    s_check_args (SLICE, "git-mcp/get", "{\"id\":1}", GUARD_ARGS_AS_IS, "");
    s_check_args (SLICE, "git-mcp/get", "{\"id\":1,\"all\":2}", GUARD_ARGS_REJECTED,
                  "parameter 'all' denied on tool 'git-mcp/get'");
    s_check_args (SLICE, "git-mcp/close", "{\"x\":1}", GUARD_ARGS_REJECTED,
                  "parameter 'x' denied on tool 'git-mcp/close'");
    s_check_args (SLICE, "git-mcp/close", "{\"y\":1}", GUARD_ARGS_AS_IS, "");
}

//  A denied argument is known in any spelling, one that is allowed by its own alone.
static void
test_arguments_are_denied_in_every_spelling (void **state)
{
    (void) state;
    static const char *const args[] = { "{\"Who\":1}", "{\"WHO\":1}", "{\" who \":1}",
                                        "{\"who\\u00a0\":1}", NULL };
    for (size_t i = 0; args[i]; i++)
        s_check_args (SLICE, "git-mcp/create", args[i], GUARD_ARGS_STRIPPED, "{}");
    s_check_args (SLICE, "git-mcp/create", "{\"whoever\":1}", GUARD_ARGS_AS_IS, "");
    s_check_args (SLICE, "git-mcp/get", "{\"ID\":1}", GUARD_ARGS_REJECTED,
                  "parameter 'ID' denied on tool 'git-mcp/get'");
}

static void
test_what_is_denied_is_told_from_what_is_not_allowed (void **state)
{
    (void) state;
    guard_tools_t *tools = s_tools (SLICE);
    assert_true (guard_tools_denies (tools, "git-mcp/delete_repo"));
    assert_false (guard_tools_denies (tools, "my.docs/write"));
    assert_false (guard_tools_denies (tools, "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/bash"));
    guard_tools_destroy (&tools);
    tools = s_tools ("{}");
    assert_false (guard_tools_denies (tools, "bash"));
    guard_tools_destroy (&tools);
}

//  Given two rules for one argument, then the stricter one counts.
static void
test_rejecting_wins_over_stripping (void **state)
{
    (void) state;
    const char *slice = "{\"tools\":{\"a\":{\"params\":{\"t\":{\"deny\":[\"x\"],"
                        "\"action\":\"strip\"}}},\"*\":{\"params\":{\"t\":{\"deny\":"
                        "[\"x\"],\"action\":\"reject\"}}}}}";
    s_check_args (slice, "a/t", "{\"x\":1}", GUARD_ARGS_REJECTED,
                  "parameter 'x' denied on tool 'a/t'");
    s_check_args (slice, "a__u", "{\"x\":1}", GUARD_ARGS_AS_IS, "");
}

//  Given arguments that cannot be read, then a tool with rules is not called.
static void
test_unreadable_arguments_are_rejected (void **state)
{
    (void) state;
    static const char *const broken[] = {
        "[1]", "{\"id\":", "1", "{} x", "{\"_raw\":\"{\\\"id\\\"\"}", NULL
    };
    for (size_t i = 0; broken[i]; i++)
        s_check_args (SLICE, "git-mcp/get", broken[i], GUARD_ARGS_REJECTED,
                      "arguments of tool 'git-mcp/get' are no JSON object");
    s_check_args (SLICE, "git-mcp/get", "", GUARD_ARGS_AS_IS, "");
    s_check_args (SLICE, "git-mcp/get", " \n", GUARD_ARGS_AS_IS, "");
    s_check_args (SLICE, "other", "{\"id\":", GUARD_ARGS_AS_IS, "");
    s_check_args (SLICE, "other", "{\"_raw\":\"x\"}", GUARD_ARGS_AS_IS, "");
}

static void
test_broken_slices_are_refused (void **state)
{
    (void) state;
    static const char *const broken[] = { "",
                                          "[]",
                                          "{\"tools\":[]}",
                                          "{\"tools\":{\"a\":1}}",
                                          "{\"tools\":{\"a\":{\"deny\":[1]}}}",
                                          "{\"tools\":{\"a\":{\"params\":[]}}}",
                                          "{\"tools\":{\"a\":{\"params\":{\"b\":1}}}}",
                                          NULL };
    for (size_t i = 0; broken[i]; i++) {
        br_error_t error = { BR_OK, "" };
        assert_null (guard_tools_new (broken[i], &error));
        assert_int_equal (error.code, BR_ECONFIG);
    }
}

static void
test_more_arguments_than_may_be_are_rejected (void **state)
{
    (void) state;
    guard_tools_t *tools = s_tools (
        "{\"tools\":{\"git-mcp\":{\"params\":{\"get\":{\"deny\":[\"x\"]}}}}}");
    for (size_t more = 0; more < 2; more++) {
        br_error_t error = { BR_OK, "" };
        br_buf_t args, out;
        br_buf_init (&args, 1u << 20);
        br_buf_init (&out, 1u << 20);
        for (size_t i = 0; i < GUARD_TOOLS_ARGS_MAX + more; i++)
            br_buf_addf (&args, "%s\"a\":1", i ? "," : "{");
        br_buf_addc (&args, '}');
        assert_int_equal (
            guard_tools_args (tools, "git-mcp/get", args.data, args.size, &out, &error),
            more ? GUARD_ARGS_REJECTED : GUARD_ARGS_AS_IS);
        assert_string_equal (error.text,
                             more ? "arguments of tool 'git-mcp/get' are too many" : "");
        br_buf_free (&out);
        br_buf_free (&args);
    }
    guard_tools_destroy (&tools);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_denied_tools_are_not_allowed),
        cmocka_unit_test (test_other_tools_are_allowed),
        cmocka_unit_test (test_any_server_may_have_a_list_of_allowed_ones),
        cmocka_unit_test (test_a_denied_tool_is_denied_in_every_spelling),
        cmocka_unit_test (test_a_star_denies_a_whole_server),
        cmocka_unit_test (test_what_is_allowed_is_known_exactly),
        cmocka_unit_test (test_a_server_that_is_named_exactly_is_meant),
        cmocka_unit_test (test_a_name_of_too_many_parts_is_not_allowed),
        cmocka_unit_test (test_no_rules_allow_all),
        cmocka_unit_test (test_rules_are_asked_by_name),
        cmocka_unit_test (test_denied_arguments_are_stripped),
        cmocka_unit_test (test_denied_arguments_are_rejected),
        cmocka_unit_test (test_arguments_are_denied_in_every_spelling),
        cmocka_unit_test (test_what_is_denied_is_told_from_what_is_not_allowed),
        cmocka_unit_test (test_rejecting_wins_over_stripping),
        cmocka_unit_test (test_unreadable_arguments_are_rejected),
        cmocka_unit_test (test_broken_slices_are_refused),
        cmocka_unit_test (test_more_arguments_than_may_be_are_rejected),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
