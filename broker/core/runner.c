//  runner: a host with its seat at the bus, from start to end.

#include "broker/core/runner.h"

int
br_runner_run (const br_runner_conf_t *conf, void *zmq, br_error_t *reterr)
{
    br_host_conf_t host_conf = { .name = conf->name, .clock = br_clock_real () };
    host_conf.actors = conf->actors;
    host_conf.log = conf->log;
    br_host_t *host = br_host_new (&host_conf, reterr);
    br_member_t *member = host ? br_member_new (host, zmq, &conf->member, reterr) : NULL;
    int status = -1;
    if (member) {
        br_loop_run (br_host_loop (host));
        status = br_member_status (member);
        if (status)
            br_error_set (reterr, BR_EGONE, "host %s: refused by the broker, or lost it",
                          conf->name);
    }
    //  actors may still send while they end: the seat outlives them
    br_host_end_all (host);
    br_member_destroy (&member);
    br_host_destroy (&host);
    return status ? -1 : 0;
}
