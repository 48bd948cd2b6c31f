//  ingress_attribution: whose call it is, as it is told with the call.

#include "broker/proto/attribution.h"
#include "tests/actors/ingress/callers.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"

//  What the router is told of a call with these headers. "owned by the world"
static void
s_who (world_t *world, const char *headers, br_attribution_t *ret_who)
{
    int fd = callers_post (world, headers, BODY);
    const br_msg_t *msg = world_expect (world, BR_CALL_OPEN);
    assert_non_null (msg);
    const struct br_call_open *open = br_msg_fields (msg);
    br_attribution_read (ret_who, open->who);
    close (fd);
}

static void
of_nobody_nothing_is_known (void **state)
{
    br_attribution_t who;
    s_who (*state, "", &who);
    assert_string_equal (who.account, "");
    assert_string_equal (who.session, "");
    assert_string_equal (who.trace, "");
    assert_string_equal (who.span, "");
    assert_true (who.sampled);
}

static void
each_header_has_its_place (void **state)
{
    br_attribution_t who;
    s_who (*state,
           "x-bitrouter-session: s-1\r\nX-BitRouter-Run: r/2\r\n"
           "x-bitrouter-agent: builder\r\nx-bitrouter-step: 4\r\nsession_id: other\r\n",
           &who);
    assert_string_equal (who.session, "s-1");
    assert_string_equal (who.run, "r/2");
    assert_string_equal (who.agent, "builder");
    assert_string_equal (who.step, "4");
}

static void
clients_name_their_session_in_their_own_way (void **state)
{
    static const char *const names[] = { "x-bitrouter-session-id",
                                         "x-session-id",
                                         "session_id",
                                         "session-id",
                                         "conversation_id",
                                         "x-claude-code-session-id" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *header = br_strf ("%s: abc-%zu\r\n", names[i], i);
        char *value = br_strf ("abc-%zu", i);
        br_attribution_t who;
        s_who (*state, header, &who);
        assert_string_equal (who.session, value);
        free (value);
        free (header);
    }
    br_attribution_t who;
    s_who (*state, "session_id: with blanks\r\n", &who); //  not ours to complain about
    assert_string_equal (who.session, "");
}

static void
a_header_of_ours_must_be_sound (void **state)
{
    world_t *world = *state;
    static const char *const names[] = { "x-bitrouter-session", "x-bitrouter-run",
                                         "x-bitrouter-agent", "x-bitrouter-step" };
    char *large = br_alloc (BR_ATTRIBUTION_TEXT + 2, 1);
    memset (large, 'a', BR_ATTRIBUTION_TEXT + 1);
    const char *const values[] = { "", "a b", "\xc3\xa4", large };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
            char *header = br_strf ("Connection: close\r\n%s: %s\r\n", names[i],
                                    values[k]);
            int fd = callers_post (world, header, BODY);
            const char *got = world_read_all (world, fd);
            world_has (got, "HTTP/1.1 400");
            world_has (got, names[i]);
            close (fd);
            free (header);
        }
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
    free (large);
}

static void
a_trace_goes_on_with_a_span_of_ours (void **state)
{
    br_attribution_t who;
    s_who (*state, "traceparent: 00-" TRACE "-" SPAN "-00\r\n", &who);
    assert_string_equal (who.trace, TRACE);
    assert_string_equal (who.parent, SPAN);
    assert_int_equal (strlen (who.span), 16);
    assert_string_not_equal (who.span, SPAN);
    assert_false (who.sampled);
    s_who (*state, "traceparent: 00-" TRACE "-" SPAN "-03\r\n", &who);
    assert_true (who.sampled);
    s_who (*state, "traceparent: cc-" TRACE "-" SPAN "-01-what-comes-later\r\n", &who);
    assert_string_equal (who.trace, TRACE);
}

static void
a_malformed_trace_is_ignored (void **state)
{
    static const char *const values[] = {
        "",
        "00",
        "00-" TRACE "-" SPAN,
        "00-" TRACE "-" SPAN "-0",
        "00-" TRACE "-" SPAN "-01-more",
        "cc-" TRACE "-" SPAN "-01more",
        "ff-" TRACE "-" SPAN "-01",
        "0g-" TRACE "-" SPAN "-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01",
        "00-00000000000000000000000000000000-" SPAN "-01",
        "00-" TRACE "-0000000000000000-01",
        "00_" TRACE "-" SPAN "-01",
        "00-" TRACE "_" SPAN "-01",
        "00-" TRACE "-" SPAN "-0x",
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char *header = br_strf ("traceparent: %s\r\n", values[i]);
        br_attribution_t who;
        s_who (*state, header, &who);
        assert_string_equal (who.trace, "");
        assert_string_equal (who.parent, "");
        free (header);
    }
}

static void
a_known_caller_is_named (void **state)
{
    world_t *world = *state;
    struct br_auth_told told = callers_told ();
    int fd = callers_post (world, BEARER "x-bitrouter-run: r\r\n", BODY);
    callers_tell (world, &told);
    const struct br_call_open *open = br_msg_fields (world_expect (world, BR_CALL_OPEN));
    br_attribution_t who;
    br_attribution_read (&who, open->who);
    assert_string_equal (who.account, "acme");
    assert_string_equal (who.key, "brvk_id_1");
    assert_string_equal (who.run, "r");
    close (fd);
}

static int
s_setup (void **state)
{
    *state = callers_world (WORLD_SLICE (""));
    return 0;
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, world_teardown)
        TEST (of_nobody_nothing_is_known),
        TEST (each_header_has_its_place),
        TEST (clients_name_their_session_in_their_own_way),
        TEST (a_header_of_ours_must_be_sound),
        TEST (a_trace_goes_on_with_a_span_of_ours),
        TEST (a_malformed_trace_is_ignored),
        TEST (a_known_caller_is_named),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
