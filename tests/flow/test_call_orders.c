//  call orders: whatever the order in which the messages of a call arrive, and whoever dies
//  or leaves meanwhile, the rules of docs/rfc/4-CALL.md hold: one end for the client, with
//  the bytes of one attempt; one settle; nothing left. See net.h for what is real here.
//
//  A run that breaks a rule is printed as its history. BR_FLOW_SEED=n prints the random
//  run of that number.

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
#define RUNS_MAX 400000 //  of one configuration
#define RANDOM_RUNS 20000
#define RANDOM_EVENTS 90 //  of a run

//  ---- all orders

static void
s_fail (net_t *net, const net_conf_t *conf, const char *order, br_buf_t *complaints)
{
    br_buf_clear (complaints);
    judge (net, conf, complaints);
    fprintf (stderr, "%s, order %s:\n%s%s", conf->title, order, net_history (net),
             br_buf_text (complaints));
    net_destroy (&net);
    br_buf_free (complaints);
    fail ();
}

//  Returns how many orders there are.
static unsigned
s_explore (const net_conf_t *conf)
{
    unsigned runs = 0;
    bool twin;
    br_buf_t complaints;
    br_buf_init (&complaints, COMPLAINTS_MAX);
    explore_t *explore = explore_new (conf);
    for (net_t *net = explore_next (explore, &twin); net;
         net = explore_next (explore, &twin)) {
        if (!twin) {
            runs++;
            judge (net, conf, &complaints);
        }
        net_destroy (&net);
        if (!complaints.size && runs < RUNS_MAX)
            continue;
        net_conf_t loud = *conf;
        loud.loud = true;
        br_buf_t order;
        br_buf_init (&order, COMPLAINTS_MAX);
        explore_print (explore, &order);
        net = explore_again (explore, &loud);
        s_fail (net, &loud, br_buf_text (&order), &complaints);
    }
    explore_destroy (&explore);
    br_buf_free (&complaints);
    print_message ("             %6u orders: %s\n", runs, conf->title);
    return runs;
}

#define UPSTREAMS (NET_BIT (NET_ALPHA) | NET_BIT (NET_BETA))

static void
s_explore_all (const net_conf_t *confs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        s_explore (&confs[i]);
}

#define ALL(confs) s_explore_all (confs, sizeof confs / sizeof *confs)

static void
without_a_fault_the_scripts_alone_decide (void **state)
{
    static const net_conf_t confs[] = {
        { "a stream", 1, { "stream" }, { { "hdde", "" } } },
        { "a single answer", 1, { "plain" }, { { "hdde", "" } } },
        { "a large answer", 1, { "large" }, { { "hdde", "" } } },
        { "a broken stream", 1, { "stream" }, { { "hdx", "" } } },
        { "a broken single answer", 1, { "plain" }, { { "hdx", "" } } },
        { "a broken large answer", 1, { "large" }, { { "hddx", "" } } },
        { "fail-over", 1, { "stream" }, { { "f", "hde" } } },
        { "fail-over of a single answer", 1, { "plain" }, { { "f", "hde" } } },
        { "all fail", 1, { "stream" }, { { "f", "f" } } },
        { "all fail, three times", 1, { "stream again" }, { { "f", "f" } } },
        { "a refusal ends it", 1, { "stream" }, { { "F", "hde" } } },
        { "two at a time", 2, { "stream", "plain" }, { { "f", "he" }, { "he", "" } } },
    };
    (void) state;
    ALL (confs);
}

static void
a_client_may_leave_at_any_time (void **state)
{
    static const net_conf_t confs[] = {
        { "leaves a stream", 1, { "stream" }, { { "hdde", "" } }, .leavers = 1 },
        { "leaves a single answer", 1, { "plain" }, { { "hde", "" } }, .leavers = 1 },
        { "leaves a fail-over", 1, { "stream" }, { { "f", "hde" } }, .leavers = 1 },
        { "leaves what fails", 1, { "stream again" }, { { "f", "f" } }, .leavers = 1 },
        { "leaves silence", 1, { "stream" }, { { "hd", "" } }, .leavers = 1 },
        { "leaves a broken stream", 1, { "stream" }, { { "hx", "" } }, .leavers = 1 },
        { "a slow client leaves",
          1,
          { "large" },
          { { "hdde", "" } },
          .leavers = 1,
          .slow_clients = true },
    };
    (void) state;
    ALL (confs);
}

static void
a_provider_s_host_may_die_at_any_time (void **state)
{
    static const net_conf_t confs[] = {
        { "alpha dies: stream", 1, { "stream" }, { { "hde", "hde" } }, UPSTREAMS, 1 },
        { "alpha dies: plain", 1, { "plain" }, { { "hde", "hde" } }, UPSTREAMS, 1 },
        { "alpha dies: large", 1, { "large" }, { { "hdde", "hde" } }, UPSTREAMS, 1 },
        { "beta dies: stream", 1, { "stream" }, { { "f", "hde" } }, UPSTREAMS, 1 },
        { "alpha is to be asked again",
          1,
          { "stream again" },
          { { "f", "f" } },
          UPSTREAMS,
          1 },
        { "both die", 1, { "stream" }, { { "he", "he" } }, UPSTREAMS, 2 },
        { "alpha dies, the client leaves",
          1,
          { "stream" },
          { { "he", "he" } },
          UPSTREAMS,
          1,
          .leavers = 1 },
        { "beta dies, the client leaves",
          1,
          { "plain" },
          { { "f", "he" } },
          UPSTREAMS,
          1,
          .leavers = 1 },
    };
    (void) state;
    ALL (confs);
}

static void
the_router_s_host_may_die_at_any_time (void **state)
{
    static const net_conf_t confs[] = {
        { "router dies: stream",
          1,
          { "stream" },
          { { "hde", "" } },
          NET_BIT (NET_ROUTER),
          1 },
        { "router dies: plain",
          1,
          { "plain" },
          { { "hde", "" } },
          NET_BIT (NET_ROUTER),
          1 },
        { "router dies: large",
          1,
          { "large" },
          { { "hdde", "" } },
          NET_BIT (NET_ROUTER),
          1 },
        { "router dies: fail-over",
          1,
          { "stream" },
          { { "f", "he" } },
          NET_BIT (NET_ROUTER),
          1 },
        { "router dies: broken stream",
          1,
          { "stream" },
          { { "hx", "" } },
          NET_BIT (NET_ROUTER),
          1 },
        { "router dies, the client leaves",
          1,
          { "stream" },
          { { "hde", "" } },
          NET_BIT (NET_ROUTER),
          1,
          .leavers = 1 },
        { "router and alpha die",
          1,
          { "stream" },
          { { "he", "" } },
          NET_BIT (NET_ROUTER) | NET_BIT (NET_ALPHA),
          2,
          .no_grace = true },
    };
    (void) state;
    ALL (confs);
}

static void
ingress_or_meter_may_die_at_any_time (void **state)
{
    static const net_conf_t confs[] = {
        { "ingress dies: stream",
          1,
          { "stream" },
          { { "hde", "" } },
          NET_BIT (NET_INGRESS),
          1 },
        { "ingress dies: fail-over",
          1,
          { "plain" },
          { { "f", "he" } },
          NET_BIT (NET_INGRESS),
          1 },
        { "ingress and alpha die",
          1,
          { "stream" },
          { { "he", "h" } },
          NET_BIT (NET_INGRESS) | NET_BIT (NET_ALPHA),
          2,
          .no_grace = true },
        { "meter dies", 1, { "stream" }, { { "he", "" } }, NET_BIT (NET_METER), 1 },
        { "meter answers late", 1, { "stream" }, { { "he", "" } }, .slow_meter = true },
    };
    (void) state;
    ALL (confs);
}

static void
a_gap_is_an_error (void **state)
{
    static const net_conf_t confs[] = {
        { "first delta lost", 1, { "stream" }, { { "hdde", "" } }, .drop_delta = 1 },
        { "last delta lost", 1, { "stream" }, { { "hdde", "" } }, .drop_delta = 2 },
        { "single answer, delta lost",
          1,
          { "plain" },
          { { "hde", "" } },
          .drop_delta = 1 },
        { "large answer, delta lost",
          1,
          { "large" },
          { { "hdde", "" } },
          .drop_delta = 2 },
        { "silence behind a gap", 1, { "stream" }, { { "hdd", "" } }, .drop_delta = 1 },
    };
    (void) state;
    ALL (confs);
}

//  ---- orders by chance

//  splitmix64
static uint64_t
s_random (uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static unsigned
s_below (uint64_t *state, unsigned end)
{
    return (unsigned) (s_random (state) % end);
}

static net_conf_t
s_conf_by_chance (uint64_t *random)
{
    static const char *const asks[] = { "stream", "plain", "large", "stream again",
                                        "plain again" };
    static const char *const scripts[] = { "hdde", "hdddddde", "he", "hd", "hddx",
                                           "hx",   "f",        "f",  "F",  "" };
    net_conf_t conf = { .title = "by chance", .restless = true };
    conf.clients = 1 + s_below (random, NET_CLIENTS);
    for (unsigned i = 0; i < conf.clients; i++) {
        conf.asks[i] = asks[s_below (random, sizeof asks / sizeof *asks)];
        for (unsigned j = 0; j < 2; j++)
            conf.scripts[i][j] =
                scripts[s_below (random, sizeof scripts / sizeof *scripts)];
    }
    if (s_below (random, 4)) {
        conf.deaths = s_below (random, 3);
        conf.mortal = s_below (random, 1u << NET_HOSTS);
    }
    conf.leavers = s_below (random, 2) ? s_below (random, 1u << NET_CLIENTS) : 0;
    conf.slow_clients = s_below (random, 2);
    conf.slow_meter = s_below (random, 2);
    if (s_below (random, 8) == 0)
        conf.drop_delta = 1 + s_below (random, 4);
    return conf;
}

//  One of the events; deaths, leaving clients and passing seconds are rare.
static net_event_t
s_event_by_chance (uint64_t *random, uint64_t events)
{
    for (;;) {
        net_event_t event = s_below (random, NET_EVENTS);
        if (!(events >> event & 1))
            continue;
        bool is_rare = event >= NET_DIE (0)
                       || (event >= NET_LEAVE (0) && event < NET_TAKE (0));
        if (!is_rare || s_below (random, 12) == 0)
            return event;
    }
}

static net_t *
s_run_by_chance (const net_conf_t *conf, uint64_t random)
{
    net_t *net = net_new (conf);
    unsigned events = s_below (&random, RANDOM_EVENTS);
    for (unsigned i = 0; i < events; i++)
        net_do (net, s_event_by_chance (&random, net_events (net)));
    return net;
}

static void
s_check_seed (unsigned seed, bool loud)
{
    uint64_t random = seed;
    net_conf_t conf = s_conf_by_chance (&random);
    conf.loud = loud;
    br_buf_t complaints;
    br_buf_init (&complaints, COMPLAINTS_MAX);
    net_t *net = s_run_by_chance (&conf, random);
    judge (net, &conf, &complaints);
    if (loud)
        fprintf (stderr, "seed %u:\n%s%s", seed, net_history (net),
                 br_buf_text (&complaints));
    net_destroy (&net);
    bool bad = complaints.size > 0;
    br_buf_free (&complaints);
    if (bad && !loud)
        s_check_seed (seed, true);
    if (bad)
        fail ();
}

static void
the_rules_hold_for_many_calls_by_chance (void **state)
{
    (void) state;
    const char *seed = getenv ("BR_FLOW_SEED");
    if (seed) {
        s_check_seed ((unsigned) strtoul (seed, NULL, 10), true);
        return;
    }
    for (unsigned i = 1; i <= RANDOM_RUNS; i++)
        s_check_seed (i, false);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (without_a_fault_the_scripts_alone_decide),
        cmocka_unit_test (a_client_may_leave_at_any_time),
        cmocka_unit_test (a_provider_s_host_may_die_at_any_time),
        cmocka_unit_test (the_router_s_host_may_die_at_any_time),
        cmocka_unit_test (ingress_or_meter_may_die_at_any_time),
        cmocka_unit_test (a_gap_is_an_error),
        cmocka_unit_test (the_rules_hold_for_many_calls_by_chance),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
