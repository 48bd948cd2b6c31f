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
    unsigned candidates;
    bool is_late;  //  starts come later
    bool is_ready; //  but this one
    bool is_open;  //  all but the last candidate
    bool is_guarded;
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
    *ret_failure = (router_failure_t) { .code = BR_EGONE, .text = "gone" };
    ret_failure->failure = BR_FAILURE_GONE;
    assert_int_equal (world->live, 0);
    if (world->is_late && !world->is_ready)
        return 1;
    world->is_ready = false;
    int rc = s_note (world, "start%u@%u", attempt, place);
    world->live = rc == 0;
    return rc;
}

//  The next one, once; at once, or for a "conflict" after a while.
static bool
s_follow (void *arg, unsigned place, const router_failure_t *failure,
          router_step_t *ret_step)
{
    const world_t *world = arg;
    *ret_step = (router_step_t) { .place = place + 1 };
    ret_step->delay_ms = failure->failure == BR_FAILURE_CONFLICT ? 7 : 0;
    return failure->failure != BR_FAILURE_REQUEST && place + 1 < world->candidates;
}

static void
s_wait (void *arg, uint32_t attempt, uint64_t delay_ms)
{
    s_note (arg, "wait%u:%u", attempt, (unsigned) delay_ms);
}

//  The last one, when the one in front is out of use.
static unsigned
s_aim (void *arg, unsigned place)
{
    const world_t *world = arg;
    return world->is_open ? world->candidates - 1 : place;
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

static void
s_watch (void *arg)
{
    (void) arg;
}

static const router_call_actions_t s_actions = { s_start, s_follow, s_wait,
                                                 s_aim,   s_cancel, s_fence,
                                                 s_tell,  s_watch,  s_settle };

//  One happening, as a letter:
//      o open, f fail that allows another try, w one after a while, F that does not, d done,
//      D done and cancelled, G the same by a guard, k commit, n fenced, c committed, x cancel, u upstream gone,
//      i ingress gone, t the wait is over, b broken off, B the same and no other may follow,
//      j joined, a all of it has come to ingress, A a word of the guard's instead, X cancelled
//      by a fault of ours, g guard gone
static void
s_feed_at (router_call_t *call, world_t *world, char letter, uint32_t attempt)
{
    router_failure_t failure = { .code = BR_EUPBAD, .status = 503, .text = "bad" };
    failure.failure = BR_FAILURE_REQUEST;
    if (letter == 'f' || letter == 'b')
        failure.failure = BR_FAILURE_OVERLOADED;
    else if (letter == 'w')
        failure.failure = BR_FAILURE_CONFLICT;
    router_end_t end = { .outcome = BR_OUTCOME_OK, .status = 200 };
    end.usage.output = 9;
    if (letter == 'D' || letter == 'G')
        end.outcome = BR_OUTCOME_CANCELLED;
    if (letter == 'G')
        end.code = BR_EUPGUARD;
    router_news_t news = { .attempt = attempt };
    news.failure = strchr ("fwFbB", letter) ? &failure : NULL;
    news.end = strchr ("dDGbB", letter) ? &end : NULL;
    if (letter == 'A')
        news.code = BR_EUPGUARD;
    if (letter == 'X')
        news.code = BR_EGONE;
    bool newest = attempt == router_call_attempts (call);
    if (newest && strchr ("fwFdDGncbB", letter))
        world->live = 0;
    if (letter == 'D' || letter == 'G')
        letter = 'd';
    static const char letters[] = "oFdkncxuitbjag";
    if (letter == 'f' || letter == 'w')
        letter = 'F';
    if (letter == 'B')
        letter = 'b';
    if (letter == 'A')
        letter = 'a';
    if (letter == 'X')
        letter = 'x';
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
s_story_of (world_t world, const char *letters, const char *expected)
{
    router_call_t *call = router_call_new (world.candidates, world.is_guarded, &s_actions,
                                           &world);
    s_feed (call, &world, letters);
    if (strcmp (world.done, expected) != 0)
        fail_msg ("%s: \"%s\", not \"%s\"", letters, world.done, expected);
    router_call_destroy (&call);
}

static void
s_story (unsigned candidates, const char *letters, const char *refuse,
         const char *expected)
{
    s_story_of ((world_t) { .refuse = refuse, .candidates = candidates }, letters,
                expected);
}

//  The same for a call whose answer passes a guard.
static void
s_guarded (unsigned candidates, const char *letters, const char *refuse,
           const char *expected)
{
    s_story_of (
        (world_t) { .refuse = refuse, .candidates = candidates, .is_guarded = true },
        letters, expected);
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

//  ---- answers that pass a guard

//  Ingress ends the call, and is asked what its client has got.
static void
without_its_guard_a_call_fails_and_is_not_tried_again (void **state)
{
    (void) state;
    s_guarded (2, "ogDn", NULL, "start1@0 cancel1 fence1 settle:failed:503:9 ");
    s_guarded (2, "okgDc", NULL, "start1@0 cancel1 fence1 settle:failed:200:9 ");
    s_guarded (2, "odgn", NULL, "start1@0 fence1 settle:failed:503:9 ");
    s_guarded (2, "odga", NULL, "start1@0 fence1 settle:ok:200:9 ");
    s_guarded (2, "ogda", NULL, "start1@0 cancel1 fence1 settle:ok:200:9 ");
    s_guarded (2, "oagd", NULL, "start1@0 cancel1 settle:ok:200:9 ");
    s_guarded (2, "ogdX", NULL, "start1@0 cancel1 fence1 settle:failed:503:9 ");
    s_guarded (2, "ogun", NULL, "start1@0 cancel1 fence1 settle:failed:503:0 ");
    s_guarded (2, "ogf", NULL, "start1@0 cancel1 settle:failed:503:0 ");
    s_guarded (2, "owg", NULL, "start1@0 wait2:7 settle:failed:503:0 ");
    s_guarded (2, "ogi", NULL, "start1@0 cancel1 cancel1 ");
}

static void
behind_a_guard_both_ends_are_waited_for (void **state)
{
    (void) state;
    s_guarded (2, "od", NULL, "start1@0 ");
    s_guarded (2, "oda", NULL, "start1@0 settle:ok:200:9 ");
    s_guarded (2, "oad", NULL, "start1@0 settle:ok:200:9 ");
    s_guarded (2, "okda", NULL, "start1@0 settle:ok:200:9 ");
    s_guarded (2, "odka", NULL, "start1@0 settle:ok:200:9 ");
    s_guarded (2, "ofda", NULL, "start1@0 start2@1 settle:ok:200:9 ");
    //  and: without a guard nobody is waited for
    s_story (2, "oad", NULL, "start1@0 settle:ok:200:9 ");
}

//  What it has used is told in any case.
static void
what_a_guard_has_blocked_is_settled_and_not_tried_again (void **state)
{
    (void) state;
    s_guarded (2, "odA", NULL, "start1@0 settle:failed:502:9 ");
    s_guarded (2, "oAd", NULL, "start1@0 settle:failed:502:9 ");
    s_guarded (2, "oGA", NULL, "start1@0 settle:failed:502:9 ");
    s_guarded (2, "oAG", NULL, "start1@0 settle:failed:502:9 ");
    s_guarded (2, "okGA", NULL, "start1@0 settle:failed:200:9 ");
    s_guarded (2, "oGkA", NULL, "start1@0 settle:failed:200:9 ");
    s_guarded (2, "okAd", NULL, "start1@0 settle:failed:200:9 ");
    //  its way to the guard was lost, but the word was there before
    s_guarded (2, "oAD", NULL, "start1@0 settle:failed:502:9 ");
    s_guarded (2, "oxG", NULL, "start1@0 cancel1 settle:cancelled:200:9 ");
}

static void
behind_a_guard_a_lost_upstream_is_fenced_as_ever (void **state)
{
    (void) state;
    s_guarded (2, "ouna", NULL, "start1@0 fence1 start2@1 ");
    s_guarded (2, "oDn", NULL, "start1@0 fence1 start2@1 ");
    //  its last words may be lost, or their end is on the way
    s_guarded (2, "odun", NULL, "start1@0 fence1 start2@1 ");
    s_guarded (2, "oduc", NULL, "start1@0 fence1 settle:failed:200:9 ");
    s_guarded (2, "odua", NULL, "start1@0 fence1 settle:ok:200:9 ");
    s_guarded (2, "oduA", NULL, "start1@0 fence1 settle:failed:502:9 ");
    s_guarded (2, "okduc", NULL, "start1@0 fence1 settle:failed:200:9 ");
    s_guarded (2, "okdux", NULL, "start1@0 fence1 settle:cancelled:200:9 ");
    //  too late
    s_guarded (2, "odtnd", NULL, "start1@0 fence1 start2@1 ");
    s_guarded (2, "odu", "f", "start1@0 fence1 settle:cancelled:200:9 ");
    //  the client has got a last word, of which upstream can tell nothing any more
    s_guarded (2, "oAuc", NULL, "start1@0 fence1 settle:failed:502:0 ");
    s_guarded (2, "oAun", NULL, "start1@0 fence1 settle:failed:502:0 ");
    s_guarded (2, "oaun", NULL, "start1@0 fence1 settle:failed:200:0 ");
    //  ingress was asked: what it takes first, the fence or the guard's word, counts
    s_guarded (2, "ouGc", NULL, "start1@0 fence1 settle:failed:200:9 ");
    s_guarded (2, "ouGA", NULL, "start1@0 fence1 settle:failed:502:9 ");
    s_guarded (2, "ouGnda", NULL, "start1@0 fence1 start2@1 settle:ok:200:9 ");
}

static void
behind_a_guard_who_leaves_ends_the_wait (void **state)
{
    (void) state;
    s_guarded (2, "odx", NULL, "start1@0 settle:cancelled:200:9 ");
    s_guarded (2, "odi", NULL, "start1@0 settle:cancelled:200:9 ");
    s_guarded (2, "oxd", NULL, "start1@0 cancel1 settle:cancelled:200:9 ");
    //  and: it was not the client who has ended it
    s_guarded (2, "odX", NULL, "start1@0 settle:failed:503:9 ");
    s_guarded (2, "oXd", NULL, "start1@0 cancel1 settle:failed:503:9 ");
    s_guarded (2, "okXD", NULL, "start1@0 cancel1 settle:failed:200:9 ");
    s_guarded (2, "oDX", NULL, "start1@0 fence1 settle:failed:503:9 ");
    s_guarded (2, "oXu", NULL, "start1@0 cancel1 settle:failed:503:0 ");
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
between_two_attempts_it_waits (void **state)
{
    (void) state;
    s_story (2, "owtd", NULL, "start1@0 wait2:7 start2@1 settle:ok:200:9 ");
    s_story (2, "owx", NULL, "start1@0 wait2:7 settle:cancelled:0:0 ");
    s_story (2, "owi", NULL, "start1@0 wait2:7 settle:cancelled:0:0 ");
    //  nothing of the attempt that has ended counts any more
    s_story (2, "owfdkncutd", NULL, "start1@0 wait2:7 start2@1 settle:ok:200:9 ");
    s_story (1, "ow", NULL, "start1@0 tell2:EUPBAD settle:failed:503:0 ");
    s_story (3, "owtwt", NULL, "start1@0 wait2:7 start2@1 wait3:7 start3@2 ");
    s_story (2, "ot", NULL, "start1@0 ");
}

static void
behind_a_wait_another_one_may_be_asked (void **state)
{
    (void) state;
    world_t world = { .candidates = 3, .is_open = true };
    router_call_t *call = router_call_new (3, false, &s_actions, &world);
    s_feed (call, &world, "owt");
    assert_string_equal (world.done, "start1@0 wait2:7 start2@2 ");
    s_feed (call, &world, "w");
    assert_string_equal (world.done, "start1@0 wait2:7 start2@2 tell3:EUPBAD "
                                     "settle:failed:503:0 ");
    router_call_destroy (&call);
}

static void
an_attempt_that_may_not_start_yet_is_waited_for (void **state)
{
    (void) state;
    world_t world = { .candidates = 2, .is_late = true };
    router_call_t *call = router_call_new (2, false, &s_actions, &world);
    s_feed (call, &world, "ofdu");
    assert_string_equal (world.done, "");
    assert_int_equal (router_call_state (call), ROUTER_STATE_WAITING);
    assert_int_equal (router_call_attempts (call), 0);
    world.is_ready = true;
    s_feed (call, &world, "tf");
    assert_string_equal (world.done, "start1@0 ");
    s_feed (call, &world, "x");
    assert_string_equal (world.done, "start1@0 settle:cancelled:0:0 ");
    router_call_destroy (&call);
}

static void
news_of_older_attempts_change_nothing (void **state)
{
    (void) state;
    world_t world = { .candidates = 3 };
    router_call_t *call = router_call_new (3, false, &s_actions, &world);
    s_feed (call, &world, "of");
    for (const char *letter = "fFdknc"; *letter; letter++)
        s_feed_at (call, &world, *letter, 1);
    assert_string_equal (world.done, "start1@0 start2@1 ");
    assert_int_equal (router_call_state (call), ROUTER_STATE_TRYING);
    router_call_destroy (&call);
    router_call_destroy (&call);
}

//  The client has words of it; whoever says first that it broke off.
static void
another_attempt_goes_on_with_what_broke_off (void **state)
{
    (void) state;
    s_story (2, "okbjkd", NULL, "start1@0 start2@1 settle:ok:200:18 ");
    s_story (2, "okjbkd", NULL, "start1@0 start2@1 settle:ok:200:18 ");
    s_story (2, "obkjd", NULL, "start1@0 start2@1 settle:ok:200:18 ");
    s_story (3, "okbjkbjd", NULL, "start1@0 start2@1 start3@2 settle:ok:200:27 ");
    s_story (3, "okbjfd", NULL, "start1@0 start2@1 start3@2 settle:ok:200:18 ");
    s_story (2, "okbjf", NULL, "start1@0 start2@1 tell3:EUPBAD settle:failed:200:9 ");
    s_story (1, "okbj", NULL, "start1@0 tell2:EUPBAD settle:failed:200:9 ");
    s_story (2, "okBj", NULL, "start1@0 tell2:EUPBAD settle:failed:200:9 ");
}

static void
it_does_not_go_on_before_all_words_are_there (void **state)
{
    (void) state;
    s_story (2, "okb", NULL, "start1@0 ");
    s_story (2, "okj", NULL, "start1@0 ");
    s_story (2, "okbx", NULL, "start1@0 settle:cancelled:0:9 ");
    s_story (2, "okjx", NULL, "start1@0 cancel1 ");
    s_story (2, "okjxb", NULL, "start1@0 cancel1 settle:cancelled:200:9 ");
    s_story (2, "okbi", NULL, "start1@0 settle:cancelled:0:9 ");
    //  upstream lost its way to ingress behind it
    s_story (2, "okbDc", NULL, "start1@0 fence1 settle:failed:200:9 ");
}

static void
what_breaks_off_with_its_host_is_fenced (void **state)
{
    (void) state;
    s_story (2, "okbujd", NULL, "start1@0 fence1 start2@1 settle:ok:200:18 ");
    s_story (2, "okbuc", NULL, "start1@0 fence1 settle:failed:200:9 ");
    s_story (2, "obund", NULL, "start1@0 fence1 start2@1 settle:ok:200:18 ");
    s_story (2, "okju", NULL, "start1@0 fence1 ");
    s_story (2, "okjun", NULL, "start1@0 fence1 tell2:EGONE settle:failed:200:0 ");
    s_story (2, "okbu", "f", "start1@0 fence1 settle:cancelled:0:9 ");
    s_story (3, "okbjund", NULL, "start1@0 start2@1 fence2 start3@2 settle:ok:200:18 ");
}

static bool
s_follow_late (void *arg, unsigned place, const router_failure_t *failure,
               router_step_t *ret_step)
{
    bool follows = s_follow (arg, place, failure, ret_step);
    ret_step->delay_ms = ROUTER_PAUSE_MAX_MS + 1;
    return follows;
}

static void
a_client_that_hears_an_answer_does_not_wait_for_long (void **state)
{
    (void) state;
    router_call_actions_t actions = s_actions;
    actions.follow = s_follow_late;
    world_t world = { .candidates = 2 };
    router_call_t *call = router_call_new (2, false, &actions, &world);
    s_feed (call, &world, "okbj");
    assert_string_equal (world.done, "start1@0 tell2:EUPBAD settle:failed:200:9 ");
    router_call_destroy (&call);
}

//  Every story of an open and five happenings: never two attempts at a time (s_start sees to it), never
//  two settles, and nothing after the end.
static void
s_try_orders (bool is_guarded)
{
    static const char letters[] = "fwFdkncxuitbjAg";
    static const char *const refusals[] = { NULL, "s", "c", "f", "t", "scft" };
    for (size_t r = 0; r < sizeof refusals / sizeof *refusals; r++)
        for (unsigned number = 0; number < 15 * 15 * 15 * 15 * 15; number++) {
            world_t world = { .refuse = refusals[r], .candidates = 3 };
            router_call_t *call = router_call_new (3, is_guarded, &s_actions, &world);
            s_feed (call, &world, "o");
            unsigned rest = number;
            for (int i = 0; i < 5; i++, rest /= 15) {
                char done[sizeof world.done];
                bool ended = router_call_state (call) == ROUTER_STATE_ENDED;
                strcpy (done, world.done);
                s_feed_at (call, &world, letters[rest % 15], router_call_attempts (call));
                if (ended)
                    assert_string_equal (done, world.done);
            }
            assert_int_equal (world.settles,
                              router_call_state (call) == ROUTER_STATE_ENDED);
            router_call_destroy (&call);
        }
}

static void
any_order_of_deliveries_settles_at_most_once (void **state)
{
    (void) state;
    s_try_orders (false);
    s_try_orders (true);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_cancel_that_nobody_asked_for_is_asked_about),
        cmocka_unit_test (behind_a_guard_both_ends_are_waited_for),
        cmocka_unit_test (behind_a_guard_a_lost_upstream_is_fenced_as_ever),
        cmocka_unit_test (behind_a_guard_who_leaves_ends_the_wait),
        cmocka_unit_test (without_its_guard_a_call_fails_and_is_not_tried_again),
        cmocka_unit_test (what_a_guard_has_blocked_is_settled_and_not_tried_again),
        cmocka_unit_test (a_good_day_is_one_attempt_and_one_settle),
        cmocka_unit_test (a_failure_leads_to_the_next_candidate),
        cmocka_unit_test (what_cannot_be_sent_is_the_loss_of_its_receiver),
        cmocka_unit_test (a_lost_attempt_is_fenced),
        cmocka_unit_test (a_cancel_waits_for_the_end_of_the_attempt),
        cmocka_unit_test (after_a_commit_none_may_follow),
        cmocka_unit_test (between_two_attempts_it_waits),
        cmocka_unit_test (behind_a_wait_another_one_may_be_asked),
        cmocka_unit_test (an_attempt_that_may_not_start_yet_is_waited_for),
        cmocka_unit_test (news_of_older_attempts_change_nothing),
        cmocka_unit_test (another_attempt_goes_on_with_what_broke_off),
        cmocka_unit_test (it_does_not_go_on_before_all_words_are_there),
        cmocka_unit_test (what_breaks_off_with_its_host_is_fenced),
        cmocka_unit_test (a_client_that_hears_an_answer_does_not_wait_for_long),
        cmocka_unit_test (any_order_of_deliveries_settles_at_most_once),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
