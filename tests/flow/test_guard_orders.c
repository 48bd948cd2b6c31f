//  guard orders: the rules of docs/rfc/4-CALL.md where a guard reads the answers, in every
//  order of deliveries: what is blocked is settled as that, with what was used, once; and
//  whoever dies or leaves, a call comes to its end. See test_call_orders.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/flow/explore.h"
#include "tests/flow/judge.h"

#define COMPLAINTS_MAX 65536
#define RUNS_MAX 60000 //  of one configuration

static void
s_fail (explore_t *explore, const net_conf_t *conf, br_buf_t *complaints)
{
    net_conf_t loud = *conf;
    loud.loud = true;
    net_t *net = explore_again (explore, &loud);
    br_buf_clear (complaints);
    judge (net, &loud, complaints);
    fprintf (stderr, "%s:\n%s%s", conf->title, net_history (net),
             br_buf_text (complaints));
    net_destroy (&net);
    explore_destroy (&explore);
    br_buf_free (complaints);
    fail ();
}

static void
s_explore (const net_conf_t *conf)
{
    unsigned runs = 0;
    bool twin;
    br_buf_t complaints;
    br_buf_init (&complaints, COMPLAINTS_MAX);
    explore_t *explore = explore_new (conf, explore_part ());
    for (net_t *net = explore_next (explore, &twin); net;
         net = explore_next (explore, &twin)) {
        if (!twin) {
            runs++;
            judge (net, conf, &complaints);
        }
        net_destroy (&net);
        if (complaints.size || runs == RUNS_MAX)
            s_fail (explore, conf, &complaints);
    }
    explore_destroy (&explore);
    br_buf_free (&complaints);
    print_message ("             %6u orders: %s\n", runs, conf->title);
}

static void
s_explore_all (const net_conf_t *confs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        s_explore (&confs[i]);
}

#define ALL(confs) s_explore_all (confs, sizeof confs / sizeof *confs)
#define ASKS(what) .guarded = true, .clients = 1, .asks = { what }
#define SAYS(by_alpha, by_beta) .scripts = { { by_alpha, by_beta } }
#define DIES(hosts) .mortal = NET_BIT (hosts), .deaths = 1

static void
what_passes_is_settled_as_it_was (void **state)
{
    static const net_conf_t confs[] = {
        { ASKS ("stream"), SAYS ("hde", ""), .title = "a stream" },
        { ASKS ("plain"), SAYS ("hde", ""), .title = "a single answer" },
        { ASKS ("stream"), SAYS ("hx", ""), .title = "a broken stream" },
        { ASKS ("plain"), SAYS ("hx", ""), .title = "a broken single answer" },
        { ASKS ("stream"), SAYS ("f", "he"), .title = "fail-over" },
        { ASKS ("plain"), SAYS ("f", "he"), .title = "fail-over of a single answer" },
        { ASKS ("plain"), SAYS ("f", "f"), .title = "all fail" },
    };
    (void) state;
    ALL (confs);
}

static void
what_is_blocked_is_settled_as_that (void **state)
{
    static const net_conf_t confs[] = {
        { ASKS ("stream"), SAYS ("hDe", ""), .title = "a stream is blocked" },
        { ASKS ("stream"), SAYS ("hDdd", ""), .title = "a stream that goes on" },
        { ASKS ("stream"), SAYS ("He", ""), .title = "blocked in its first words" },
        { ASKS ("plain"), SAYS ("He", "he"), .title = "a single answer is blocked" },
        { ASKS ("plain"), SAYS ("Hde", "he"), .title = "blocked, in two pieces" },
        { ASKS ("plain"), SAYS ("f", "He"), .title = "the second attempt is blocked" },
    };
    (void) state;
    ALL (confs);
}

static void
a_client_may_leave_at_any_time (void **state)
{
    static const net_conf_t confs[] = {
        { ASKS ("stream"), SAYS ("he", ""), .leavers = 1, .title = "leaves a stream" },
        { ASKS ("plain"), SAYS ("he", ""), .leavers = 1,
          .title = "leaves a single answer" },
        { ASKS ("plain"), SAYS ("He", ""), .leavers = 1,
          .title = "leaves a single answer that is blocked" },
        { ASKS ("stream"), SAYS ("hD", ""), .leavers = 1,
          .title = "leaves a stream that is blocked" },
        { ASKS ("plain"), SAYS ("f", "he"), .leavers = 1, .title = "leaves a fail-over" },
    };
    (void) state;
    ALL (confs);
}

static void
the_guard_s_host_may_die_at_any_time (void **state)
{
    static const net_conf_t confs[] = {
        { ASKS ("stream"), SAYS ("he", ""), DIES (NET_GUARD),
          .title = "guard dies: stream" },
        { ASKS ("plain"), SAYS ("he", "he"), DIES (NET_GUARD),
          .title = "guard dies: plain" },
        { ASKS ("plain"), SAYS ("f", "he"), DIES (NET_GUARD),
          .title = "guard dies: fail-over" },
        { ASKS ("plain"), SAYS ("He", ""), DIES (NET_GUARD),
          .title = "guard dies: blocked" },
        { ASKS ("stream"), SAYS ("hD", ""), DIES (NET_GUARD), .no_grace = true,
          .title = "guard dies: blocked stream" },
    };
    (void) state;
    ALL (confs);
}

static void
any_other_host_may_die_at_any_time (void **state)
{
    static const net_conf_t confs[] = {
        { ASKS ("stream"), SAYS ("he", "he"), DIES (NET_ALPHA), .no_grace = true,
          .title = "alpha dies: stream" },
        { ASKS ("plain"), SAYS ("he", "he"), DIES (NET_ALPHA), .no_grace = true,
          .title = "alpha dies: plain" },
        { ASKS ("plain"), SAYS ("He", ""), DIES (NET_ALPHA),
          .title = "alpha dies: blocked" },
        { ASKS ("stream"), SAYS ("hD", ""), DIES (NET_ALPHA),
          .title = "alpha dies: blocked stream" },
        { ASKS ("stream"), SAYS ("he", ""), DIES (NET_ROUTER),
          .title = "router dies: stream" },
        { ASKS ("plain"), SAYS ("He", ""), DIES (NET_ROUTER),
          .title = "router dies: blocked" },
        { ASKS ("stream"), SAYS ("hD", ""), DIES (NET_ROUTER),
          .title = "router dies: blocked stream" },
        { ASKS ("stream"), SAYS ("he", ""), DIES (NET_INGRESS),
          .title = "ingress dies: stream" },
        { ASKS ("plain"), SAYS ("He", ""), DIES (NET_INGRESS),
          .title = "ingress dies: blocked" },
    };
    (void) state;
    ALL (confs);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_passes_is_settled_as_it_was),
        cmocka_unit_test (what_is_blocked_is_settled_as_that),
        cmocka_unit_test (a_client_may_leave_at_any_time),
        cmocka_unit_test (the_guard_s_host_may_die_at_any_time),
        cmocka_unit_test (any_other_host_may_die_at_any_time),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
