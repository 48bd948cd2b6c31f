//  call orders: whatever the order in which the messages of a call arrive, and whoever dies
//  or leaves meanwhile, the rules of docs/rfc/4-CALL.md hold: one end for the client, with
//  the bytes of one attempt; one settle; nothing left. See net.h for what is real here.
//
//  A run that breaks a rule is printed as its history. BR_FLOW_SEED=n prints the random
//  run of that number. BR_FLOW_PART=n/m plays the n-th of m parts only, n from 0.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/flow/explore.h"
#include "tests/flow/judge.h"

#define COMPLAINTS_MAX 65536
#define RUNS_MAX 400000 //  of one configuration
#define RANDOM_RUNS 20000
#define RANDOM_SECONDS 15 //  of processor time; under a slow tool that is less than all
#define RANDOM_EVENTS 90  //  of a run

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
s_explore (const net_conf_t *conf, explore_part_t part)
{
    unsigned runs = 0;
    bool twin;
    br_buf_t complaints;
    br_buf_init (&complaints, COMPLAINTS_MAX);
    explore_t *explore = explore_new (conf, part);
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

#define ASKS(what) .clients = 1, .asks = { what }
#define SAYS(by_alpha, by_beta) .scripts = { { by_alpha, by_beta } }
#define DIES(hosts, count) .mortal = hosts, .deaths = count
#define UPSTREAMS (NET_BIT (NET_ALPHA) | NET_BIT (NET_BETA))

static void
s_explore_all (const net_conf_t *confs, size_t count)
{
    explore_part_t part = explore_part ();
    for (size_t i = 0; i < count; i++)
        s_explore (&confs[i], part);
}

#define ALL(confs) s_explore_all (confs, sizeof confs / sizeof *confs)

static void
without_a_fault_the_scripts_alone_decide (void **state)
{
    static const net_conf_t confs[] = {
        { ASKS ("stream"), SAYS ("hdde", ""), .title = "a stream" },
        { ASKS ("plain"), SAYS ("hdde", ""), .title = "a single answer" },
        { ASKS ("large"), SAYS ("hdde", ""), .title = "a large answer" },
        { ASKS ("stream"), SAYS ("hdx", ""), .title = "a broken stream" },
        { ASKS ("plain"), SAYS ("hdx", ""), .title = "a broken single answer" },
        { ASKS ("large"), SAYS ("hddx", ""), .title = "a broken large answer" },
        { ASKS ("stream"), SAYS ("f", "hde"), .title = "fail-over" },
        { ASKS ("plain"), SAYS ("f", "hde"), .title = "fail-over of a single answer" },
        { ASKS ("stream"), SAYS ("f", "f"), .title = "all fail" },
        { ASKS ("stream again"), SAYS ("f", "f"), .title = "all fail, three times" },
        { ASKS ("stream"), SAYS ("F", "hde"), .title = "a refusal ends it" },
        { .clients = 2,
          .asks = { "stream", "plain" },
          .scripts = { { "f", "he" }, { "he", "" } },
          .title = "two at a time" },
    };
    (void) state;
    ALL (confs);
}

static void
what_failed_may_be_asked_again (void **state)
{
    static const net_conf_t confs[] = {
        { ASKS ("stream"), SAYS ("f|hde", ""), .retries = 1, .seconds = 1,
          .title = "again, after a back-off" },
        { ASKS ("plain"), SAYS ("f|f", "o|he"), .retries = 1, .seconds = 2,
          .title = "again, the next, and again" },
        { ASKS ("stream"), SAYS ("o", "o|hde"), .retries = 1, .seconds = 2,
          .title = "overload of both" },
        { ASKS ("stream again"), SAYS ("l", "f"), .retries = 1, .seconds = 1,
          .title = "a limit that is too far" },
        { ASKS ("stream"), SAYS ("f", "f"), .retries = 2, .title = "all fail, again" },
        { ASKS ("stream"), SAYS ("f|hde", ""), .retries = 1, .seconds = 1, .leavers = 1,
          .title = "leaves a back-off" },
        { ASKS ("stream"), SAYS ("f|he", "he"), DIES (UPSTREAMS, 1), .retries = 1,
          .seconds = 1, .title = "alpha dies, maybe in a back-off" },
        { ASKS ("stream"), SAYS ("he", "o"), DIES (NET_BIT (NET_ALPHA), 1), .retries = 1,
          .title = "alpha dies, beta is overloaded" },
        { ASKS ("stream"), SAYS ("f|he", ""), DIES (NET_BIT (NET_ROUTER), 1),
          .retries = 1, .seconds = 1, .title = "router dies, maybe in a back-off" },
        { ASKS ("plain"), SAYS ("f|he", ""), DIES (NET_BIT (NET_INGRESS), 1),
          .retries = 1, .seconds = 1, .title = "ingress dies, maybe in a back-off" },
        { .clients = 2,
          .asks = { "stream", "plain" },
          .scripts = { { "f|he", "" }, { "o", "he" } },
          .retries = 1,
          .title = "two at a time, one of them again" },
    };
    (void) state;
    ALL (confs);
}

static void
a_client_may_leave_at_any_time (void **state)
{
    static const net_conf_t confs[] = {
        { ASKS ("stream"), SAYS ("hdde", ""), .leavers = 1, .title = "leaves a stream" },
        { ASKS ("plain"), SAYS ("hde", ""), .leavers = 1,
          .title = "leaves a single answer" },
        { ASKS ("stream"), SAYS ("f", "hde"), .leavers = 1,
          .title = "leaves a fail-over" },
        { ASKS ("stream again"), SAYS ("f", "f"), .leavers = 1,
          .title = "leaves what fails" },
        { ASKS ("stream"), SAYS ("hd", ""), .leavers = 1, .title = "leaves silence" },
        { ASKS ("stream"), SAYS ("hx", ""), .leavers = 1,
          .title = "leaves a broken stream" },
        { ASKS ("large"), SAYS ("hdde", ""), .leavers = 1, .slow_clients = true,
          .title = "a slow client leaves" },
    };
    (void) state;
    ALL (confs);
}

static void
a_provider_s_host_may_die_at_any_time (void **state)
{
    static const net_conf_t confs[] = {
        { ASKS ("stream"), SAYS ("hde", "hde"), DIES (UPSTREAMS, 1),
          .title = "alpha dies: stream" },
        { ASKS ("plain"), SAYS ("hde", "hde"), DIES (UPSTREAMS, 1),
          .title = "alpha dies: plain" },
        { ASKS ("large"), SAYS ("hdde", "hde"), DIES (UPSTREAMS, 1),
          .title = "alpha dies: large" },
        { ASKS ("stream"), SAYS ("f", "hde"), DIES (UPSTREAMS, 1),
          .title = "beta dies: stream" },
        { ASKS ("stream again"), SAYS ("f", "f"), DIES (UPSTREAMS, 1),
          .title = "alpha is to be asked again" },
        { ASKS ("stream"), SAYS ("he", "he"), DIES (UPSTREAMS, 2), .no_grace = true,
          .title = "both die" },
        { ASKS ("stream"), SAYS ("he", "he"), DIES (UPSTREAMS, 1), .leavers = 1,
          .title = "alpha dies, the client leaves" },
        { ASKS ("plain"), SAYS ("f", "he"), DIES (UPSTREAMS, 1), .leavers = 1,
          .title = "beta dies, the client leaves" },
    };
    (void) state;
    ALL (confs);
}

static void
the_router_s_host_may_die_at_any_time (void **state)
{
    static const net_conf_t confs[] = {
        { ASKS ("stream"), SAYS ("hde", ""), DIES (NET_BIT (NET_ROUTER), 1),
          .title = "router dies: stream" },
        { ASKS ("plain"), SAYS ("hde", ""), DIES (NET_BIT (NET_ROUTER), 1),
          .title = "router dies: plain" },
        { ASKS ("large"), SAYS ("hdde", ""), DIES (NET_BIT (NET_ROUTER), 1),
          .title = "router dies: large" },
        { ASKS ("stream"), SAYS ("f", "he"), DIES (NET_BIT (NET_ROUTER), 1),
          .title = "router dies: fail-over" },
        { ASKS ("stream"), SAYS ("hx", ""), DIES (NET_BIT (NET_ROUTER), 1),
          .title = "router dies: broken stream" },
        { ASKS ("stream"), SAYS ("hde", ""), DIES (NET_BIT (NET_ROUTER), 1), .leavers = 1,
          .title = "router dies, the client leaves" },
        { ASKS ("stream"), SAYS ("he", ""),
          DIES (NET_BIT (NET_ROUTER) | NET_BIT (NET_ALPHA), 2), .no_grace = true,
          .title = "router and alpha die" },
    };
    (void) state;
    ALL (confs);
}

static void
ingress_or_meter_may_die_at_any_time (void **state)
{
    static const net_conf_t confs[] = {
        { ASKS ("stream"), SAYS ("hde", ""), DIES (NET_BIT (NET_INGRESS), 1),
          .title = "ingress dies: stream" },
        { ASKS ("plain"), SAYS ("f", "he"), DIES (NET_BIT (NET_INGRESS), 1),
          .title = "ingress dies: fail-over" },
        { ASKS ("stream"), SAYS ("he", "h"),
          DIES (NET_BIT (NET_INGRESS) | NET_BIT (NET_ALPHA), 2), .no_grace = true,
          .title = "ingress and alpha die" },
        { ASKS ("stream"), SAYS ("he", ""), DIES (NET_BIT (NET_METER), 1),
          .title = "meter dies" },
        { ASKS ("stream"), SAYS ("he", ""), .slow_meter = true,
          .title = "meter answers late" },
    };
    (void) state;
    ALL (confs);
}

static void
a_gap_is_an_error (void **state)
{
    static const net_conf_t confs[] = {
        { ASKS ("stream"), SAYS ("hdde", ""), .drop_delta = 1,
          .title = "first delta lost" },
        { ASKS ("stream"), SAYS ("hdde", ""), .drop_delta = 2,
          .title = "last delta lost" },
        { ASKS ("plain"), SAYS ("hde", ""), .drop_delta = 1,
          .title = "single answer, delta lost" },
        { ASKS ("large"), SAYS ("hdde", ""), .drop_delta = 2,
          .title = "large answer, delta lost" },
        { ASKS ("stream"), SAYS ("hdd", ""), .drop_delta = 1,
          .title = "silence behind a gap" },
    };
    (void) state;
    ALL (confs);
}

static void
another_may_go_on_with_a_cut_answer (void **state)
{
#define GOES_ON ASKS ("stream continue")
    static const net_conf_t confs[] = {
        { GOES_ON, SAYS ("hdb", "hde"), .title = "goes on elsewhere" },
        { GOES_ON, SAYS ("hb", "hdb"), .title = "breaks twice" },
        { GOES_ON, SAYS ("hb", "f"), .title = "nobody goes on" },
        { GOES_ON, SAYS ("hdb|he", "f"), .retries = 1, .seconds = 1,
          .title = "goes on at the same one, after a back-off" },
        { GOES_ON, SAYS ("hb", "hx"), .title = "goes on, and is cut" },
        { ASKS ("stream again continue"), SAYS ("hb|he", "hb"),
          .title = "goes on three times" },
        { ASKS ("stream"), SAYS ("hdb", "hde"), .title = "nobody asked for more" },
        { GOES_ON, SAYS ("hdb", "hde"), .leavers = 1, .title = "leaves what goes on" },
        { GOES_ON, SAYS ("hdb", "he"), DIES (NET_BIT (NET_ALPHA), 1),
          .title = "alpha breaks off, and dies" },
        { GOES_ON, SAYS ("hb", "he"), DIES (NET_BIT (NET_BETA), 1),
          .title = "beta goes on, and dies" },
        { ASKS ("stream again continue"), SAYS ("hb|he", "he"),
          DIES (NET_BIT (NET_BETA), 1), .title = "beta dies, and alpha goes on" },
        { GOES_ON, SAYS ("hb", "he"), DIES (NET_BIT (NET_ROUTER), 1),
          .title = "goes on, the router dies" },
        { GOES_ON, SAYS ("hb", "he"), DIES (NET_BIT (NET_INGRESS), 1),
          .title = "goes on, ingress dies" },
        { GOES_ON, SAYS ("hdb", "he"), .drop_delta = 1,
          .title = "a delta in front of a break is lost" },
        { GOES_ON, SAYS ("hddb", "hdde"), .slow_clients = true,
          .title = "goes on for a slow client" },
    };
    (void) state;
    ALL (confs);
}

//  Given clients that are to have receipts, then an end that waits for one is still the end.
static void
an_end_may_wait_for_its_receipt (void **state)
{
#define SIGNED(what) ASKS (what), .receipts = true
    static const net_conf_t confs[] = {
        { SIGNED ("stream"), SAYS ("hdde", ""), .title = "a stream, signed" },
        { SIGNED ("plain"), SAYS ("hde", ""), .title = "a single answer, signed" },
        { SIGNED ("large"), SAYS ("hde", ""), .title = "a large answer, signed" },
        { SIGNED ("stream"), SAYS ("hdx", ""), .title = "a broken stream, signed" },
        { SIGNED ("plain"), SAYS ("f", "f"), .title = "all fail, signed" },
        { SIGNED ("stream"), SAYS ("he", ""), .leavers = 1,
          .title = "leaves a stream that waits" },
        { SIGNED ("plain"), SAYS ("he", ""), .leavers = 1,
          .title = "leaves a single answer that waits" },
        { SIGNED ("stream"), SAYS ("he", ""), .slow_meter = true, .seconds = 1,
          .title = "a late receipt" },
        { SIGNED ("plain"), SAYS ("he", ""), DIES (NET_BIT (NET_METER), 1), .seconds = 1,
          .title = "no receipt" },
        { SIGNED ("plain"), SAYS ("he", ""), DIES (NET_BIT (NET_ROUTER), 1),
          .title = "router dies: plain, signed" },
        { SIGNED ("stream"), SAYS ("he", "he"), DIES (UPSTREAMS, 1),
          .title = "alpha dies: stream, signed" },
        { SIGNED ("plain"), SAYS ("he", "he"), DIES (UPSTREAMS, 1),
          .title = "alpha dies: plain, signed" },
        { SIGNED ("stream"), SAYS ("he", ""), DIES (NET_BIT (NET_INGRESS), 1),
          .title = "ingress dies: stream, signed" },
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
    static const char *const asks[] = { "stream",
                                        "plain",
                                        "large",
                                        "stream again",
                                        "plain again",
                                        "stream continue",
                                        "stream again continue" };
    static const char *const scripts[] = { "hdde", "hdddddde", "he",     "hd", "hddx",
                                           "hx",   "f",        "f",      "F",  "",
                                           "o",    "f|hde",    "o|he",   "l",  "f|o|hde",
                                           "hdb",  "hb|hde",   "hddb|hb" };
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
    conf.retries = s_below (random, 3);
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
    clock_t end = clock () + RANDOM_SECONDS * CLOCKS_PER_SEC;
    explore_part_t part = explore_part ();
    unsigned runs = 0;
    for (unsigned i = 1 + part.turn; i <= RANDOM_RUNS && clock () < end;
         i += part.count) {
        s_check_seed (i, false);
        runs++;
    }
    print_message ("             %6u orders by chance\n", runs);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (without_a_fault_the_scripts_alone_decide),
        cmocka_unit_test (what_failed_may_be_asked_again),
        cmocka_unit_test (a_client_may_leave_at_any_time),
        cmocka_unit_test (a_provider_s_host_may_die_at_any_time),
        cmocka_unit_test (the_router_s_host_may_die_at_any_time),
        cmocka_unit_test (ingress_or_meter_may_die_at_any_time),
        cmocka_unit_test (a_gap_is_an_error),
        cmocka_unit_test (another_may_go_on_with_a_cut_answer),
        cmocka_unit_test (an_end_may_wait_for_its_receipt),
        cmocka_unit_test (the_rules_hold_for_many_calls_by_chance),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
