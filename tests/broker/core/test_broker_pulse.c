//  broker_pulse: who counts hears of every host.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/broker/core/town.h"

#define CONFIG "providers:\n  p: {api_base: \"http://x/v1\", models: [m]}\n"

static const char s_topology[] =
    "bus: inproc\nhosts:\n"
    "  - {name: ledger, place: thread, actors: [meter, metrics]}\n"
    "  - {name: shard, place: thread, actors: [router, ingress, upstream/*]}\n";

static void
who_counts_hears_of_every_host (void **state)
{
    (void) state;
    town_t town;
    town_begin (&town, CONFIG);
    town_be_ready (&town, s_topology);
    TOWN_UNTIL (&town, town_count (&town, "metrics:pulse-of-ledger")
                           && town_count (&town, "metrics:pulse-of-shard"));
    br_broker_stop (town.broker, 1000);
    town_run_out (&town);
    town_end (&town);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (who_counts_hears_of_every_host),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
