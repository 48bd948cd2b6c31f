//  router_call: the machine, with a world that notes what it does.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "actors/router/router_call.h"

//  What the machine did, as words; and what the world refuses.
typedef struct {
    char done[512];
    const char *refuse; //  first letters of actions that cannot be sent
    int settles;
    int live; //  attempts under way, as far as the machine may know
} world_t;

__attribute__ ((format (printf, 2, 3))) static int
s_note (world_t *world, const char *format, ...)
{
    char word[64];
    va_list args;
    va_start (args, format);
    vsnprintf (word, sizeof word, format, args);
    va_end (args);
    assert_true (strlen (world->done) + strlen (word) + 2 < sizeof world->done);
    strcat (world->done, word);
    strcat (world->done, " ");
    return world->refuse && strchr (world->refuse, word[0]) ? -1 : 0;
}

static int
s_start (void *arg, uint32_t attempt, unsigned place, router_failure_t *ret_failure)
{
    world_t *world = arg;
    *ret_failure = (router_failure_t) { .code = BR_EGONE, .retry = true, .text = "gone" };
    assert_int_equal (world->live, 0);
    int rc = s_note (world, "start%u@%u", attempt, place);
    world->live = rc == 0;
    return rc;
}

static int
s_cancel (void *arg, uint32_t attempt)
{
    return s_note (arg, "cancel%u", attempt);
}

static int
s_fence (void *arg, uint32_t attempt)
{
    return s_note (arg, "fence%u", attempt);
}

static int
s_tell (void *arg, uint32_t attempt, const router_failure_t *word)
{
    return s_note (arg, "tell%u:%s", attempt, br_code_name (word->code));
}

static void
s_settle (void *arg, const router_end_t *end)
{
    world_t *world = arg;
    world->settles++;
    s_note (world, "settle:%s:%u:%u", br_outcome_name (end->outcome), end->status,
            (unsigned) end->usage.output);
}

static const router_call_actions_t s_actions = { s_start, s_cancel, s_fence, s_tell,
                                                 s_settle };

//  One happening, as a letter:
//      o open, f fail that allows another try, F that does not, d done, D done and
//      cancelled, k commit, n fenced, c committed, x cancel, u upstream gone, i ingress gone
static void
s_feed_at (router_call_t *call, world_t *world, char letter, uint32_t attempt)
{
    router_failure_t failure = { .code = BR_EUPBAD, .status = 503, .text = "bad" };
    failure.retry = letter == 'f';
    router_end_t end = { .outcome = BR_OUTCOME_OK, .status = 200 };
    end.usage.output = 9;
    if (letter == 'D')
        end.outcome = BR_OUTCOME_CANCELLED;
    router_news_t news = { .attempt = attempt };
    news.failure = strchr ("fF", letter) ? &failure : NULL;
    news.end = letter == 'd' || letter == 'D' ? &end : NULL;
    bool newest = attempt == router_call_attempts (call);
    if (newest && strchr ("fFdDnc", letter))
        world->live = 0;
    if (letter == 'D')
        letter = 'd';
    static const char letters[] = "oFdkncxui";
    if (letter == 'f')
        letter = 'F';
    const char *at = strchr (letters, letter);
    router_call_handle (call, (router_event_t) (at - letters), &news);
}

static void
s_feed (router_call_t *call, world_t *world, const char *letters)
{
    for (; *letters; letters++)
        s_feed_at (call, world, *letters, router_call_attempts (call));
}

static void
s_story (unsigned candidates, const char *letters, const char *refuse,
         const char *expected)
{
    world_t world = { .refuse = refuse };
    router_call_t *call = router_call_new (candidates, &s_actions, &world);
    s_feed (call, &world, letters);
    if (strcmp (world.done, expected) != 0)
        fail_msg ("%s: \"%s\", not \"%s\"", letters, world.done, expected);
    router_call_destroy (&call);
}

//  Its upstream lost ingress, or ingress forgot the call and its word is on the way.
static void
a_cancel_that_nobody_asked_for_is_asked_about (void **state)
{
    (void) state;
    s_story (2, "oDnd", NULL, "start1@0 fence1 start2@1 settle:ok:200:9 ");
    s_story (2, "oDx", NULL, "start1@0 fence1 settle:cancelled:0:9 ");
    s_story (2, "okDc", NULL, "start1@0 fence1 settle:failed:200:9 ");
    s_story (2, "okDn", NULL, "start1@0 fence1 settle:cancelled:0:9 ");
    s_story (2, "ouDn", NULL, "start1@0 fence1 start2@1 ");
    s_story (2, "oD", "f", "start1@0 fence1 settle:cancelled:0:9 ");
}

static void
a_good_day_is_one_attempt_and_one_settle (void **state)
{
    (void) state;
    s_story (2, "od", NULL, "start1@0 settle:ok:200:9 ");
    s_story (2, "okd", NULL, "start1@0 settle:ok:200:9 ");
}

static void
a_failure_leads_to_the_next_candidate (void **state)
{
    (void) state;
    s_story (2, "ofd", NULL, "start1@0 start2@1 settle:ok:200:9 ");
    s_story (2, "off", NULL, "start1@0 start2@1 tell3:EUPBAD settle:failed:503:0 ");
    s_story (2, "oF", NULL, "start1@0 tell2:EUPBAD settle:failed:503:0 ");
    s_story (0, "o", NULL, "tell1:EUNAVAILABLE settle:failed:503:0 ");
}

static void
what_cannot_be_sent_is_the_loss_of_its_receiver (void **state)
{
    (void) state;
    s_story (2, "o", "s", "start1@0 start2@1 tell3:EGONE settle:failed:503:0 ");
    s_story (1, "ou", "f", "start1@0 fence1 settle:cancelled:0:0 ");
    s_story (1, "ox", "c", "start1@0 cancel1 settle:cancelled:0:0 ");
    s_story (1, "oF", "t", "start1@0 tell2:EUPBAD settle:failed:503:0 ");
}

static void
a_lost_attempt_is_fenced (void **state)
{
    (void) state;
    s_story (2, "oun", NULL, "start1@0 fence1 start2@1 ");
    s_story (2, "ouc", NULL, "start1@0 fence1 settle:failed:200:0 ");
    s_story (2, "okuc", NULL, "start1@0 fence1 settle:failed:200:0 ");
    s_story (2, "oukn", NULL, "start1@0 fence1 settle:cancelled:0:0 ");
    s_story (2, "oud", NULL, "start1@0 fence1 settle:ok:200:9 ");
    s_story (2, "ouf", NULL, "start1@0 fence1 start2@1 ");
    s_story (2, "oux", NULL, "start1@0 fence1 settle:cancelled:0:0 ");
    s_story (2, "oui", NULL, "start1@0 fence1 settle:cancelled:0:0 ");
    s_story (1, "oun", NULL, "start1@0 fence1 tell2:EGONE settle:failed:503:0 ");
}

static void
a_cancel_waits_for_the_end_of_the_attempt (void **state)
{
    (void) state;
    s_story (2, "oxd", NULL, "start1@0 cancel1 settle:cancelled:200:9 ");
    s_story (2, "okxxkd", NULL, "start1@0 cancel1 settle:cancelled:200:9 ");
    s_story (2, "oxf", NULL, "start1@0 cancel1 settle:cancelled:0:0 ");
    s_story (2, "oxu", NULL, "start1@0 cancel1 settle:cancelled:0:0 ");
    s_story (2, "oid", NULL, "start1@0 cancel1 settle:cancelled:200:9 ");
    s_story (2, "x", NULL, "settle:cancelled:0:0 ");
}

static void
after_a_commit_none_may_follow (void **state)
{
    (void) state;
    s_story (2, "okf", NULL, "start1@0 tell2:EUPBAD settle:failed:503:0 ");
}

static void
news_of_older_attempts_change_nothing (void **state)
{
    (void) state;
    world_t world = { .refuse = NULL };
    router_call_t *call = router_call_new (3, &s_actions, &world);
    s_feed (call, &world, "of");
    for (const char *letter = "fFdknc"; *letter; letter++)
        s_feed_at (call, &world, *letter, 1);
    assert_string_equal (world.done, "start1@0 start2@1 ");
    assert_int_equal (router_call_state (call), ROUTER_STATE_TRYING);
    router_call_destroy (&call);
    router_call_destroy (&call);
}

//  Every story of an open and five happenings: never two attempts at a time (s_start sees to it), never
//  two settles, and nothing after the end.
static void
any_order_of_deliveries_settles_at_most_once (void **state)
{
    (void) state;
    static const char letters[] = "fFdkncxui";
    static const char *const refusals[] = { NULL, "s", "c", "f", "t", "scft" };
    for (size_t r = 0; r < sizeof refusals / sizeof *refusals; r++)
        for (unsigned number = 0; number < 9 * 9 * 9 * 9 * 9; number++) {
            world_t world = { .refuse = refusals[r] };
            router_call_t *call = router_call_new (3, &s_actions, &world);
            s_feed (call, &world, "o");
            unsigned rest = number;
            for (int i = 0; i < 5; i++, rest /= 9) {
                char done[sizeof world.done];
                bool ended = router_call_state (call) == ROUTER_STATE_ENDED;
                strcpy (done, world.done);
                s_feed_at (call, &world, letters[rest % 9], router_call_attempts (call));
                if (ended)
                    assert_string_equal (done, world.done);
            }
            assert_int_equal (world.settles,
                              router_call_state (call) == ROUTER_STATE_ENDED);
            router_call_destroy (&call);
        }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_cancel_that_nobody_asked_for_is_asked_about),
        cmocka_unit_test (a_good_day_is_one_attempt_and_one_settle),
        cmocka_unit_test (a_failure_leads_to_the_next_candidate),
        cmocka_unit_test (what_cannot_be_sent_is_the_loss_of_its_receiver),
        cmocka_unit_test (a_lost_attempt_is_fenced),
        cmocka_unit_test (a_cancel_waits_for_the_end_of_the_attempt),
        cmocka_unit_test (after_a_commit_none_may_follow),
        cmocka_unit_test (news_of_older_attempts_change_nothing),
        cmocka_unit_test (any_order_of_deliveries_settles_at_most_once),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
