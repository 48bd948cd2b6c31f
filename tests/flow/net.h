//  net: the hosts of a call in one thread, and links between them that deliver when they
//  are told to. Ingress, router and guard are the real actors, each in a host of its own; the
//  providers' actors and the meter are peers.h, the clients client.h. A message crosses a
//  link as bytes, in order; links are independent of each other. What a host that dies
//  has sent arrives or is lost, and behind it each other host learns of the death.
//
//  All that can happen next is an event, a small number. The same events in the same order
//  give the same history: nothing else decides.

#ifndef BR_TESTS_FLOW_NET_H
#define BR_TESTS_FLOW_NET_H

#include "broker/core/host.h"
#include "tests/flow/client.h"
#include "tests/flow/peers.h"

typedef enum {
    NET_INGRESS,
    NET_ROUTER,
    NET_ALPHA, //  upstream/alpha
    NET_BETA,  //  upstream/beta
    NET_METER,
    NET_GUARD, //  where conf says so
    NET_HOSTS
} net_host_t;

#define NET_CLIENTS 3
#define NET_BIT(host) (1u << (host))

typedef struct _net_conf_t {
    const char *title;
    unsigned clients; //  how many ask, 1 to NET_CLIENTS
    //  What each asks for: "plain", "stream" or "large", " again" if the model's third
    //  candidate is alpha again, and " continue" if others may go on with a cut answer.
    const char *asks[NET_CLIENTS];
    const char
        *scripts[NET_CLIENTS]
                [2];  //  of alpha and beta, see attempt_t; NULL: whoever runs it will say
    unsigned mortal;  //  bits of the hosts that may die
    unsigned deaths;  //  how many may
    bool no_grace;    //  only so that what they have sent is lost
    unsigned leavers; //  clients that may leave
    unsigned retries; //  of the router, beyond a candidate's first attempt
    unsigned seconds; //  that may pass, each one an event
    bool slow_clients;   //  that a client reads is an event; else it reads at once
    bool slow_meter;     //  answers the second ask
    bool receipts;       //  ends of answers wait for them
    bool guarded;        //  a guard reads the answers, see attempt_t
    bool restless;       //  that time passes is an event, and that a client asks
    unsigned drop_delta; //  the how many-th reply.delta on any link is lost; 0 = none
    bool loud;           //  writes the history
} net_conf_t;

//  ---- events: less than 64

typedef unsigned net_event_t;
#define NET_LINKS 30 //  of each host to each other
#define NET_DELIVER(from, to) ((from) * (NET_HOSTS - 1) + (to) - ((to) > (from)))
#define NET_SAY(host, client) (NET_LINKS + ((host) -NET_ALPHA) * NET_CLIENTS + (client))
#define NET_ASK(client) (36 + (client))
#define NET_LEAVE(client) (39 + (client))
#define NET_TAKE(client) (42 + (client))
#define NET_DIE(host) (45 + (host))  //  what it has sent arrives
#define NET_FALL(host) (51 + (host)) //  what it has sent is lost
#define NET_TICK 57                  //  6 ms pass
#define NET_SECOND 58                //  1 s passes
#define NET_EVENTS 59

typedef struct _net_t net_t;

//  All hosts are up; nobody has asked. conf is borrowed. "caller destroys"
net_t *net_new (const net_conf_t *conf);
void net_destroy (net_t **self_p);

//  Bits of what can happen now.
uint64_t net_events (const net_t *self);
void net_do (net_t *self, net_event_t event);

//  Whether the order of the two can make a difference.
bool net_is_dependent (net_event_t a, net_event_t b);

//  Delivers all there is, and lets clients read; speak: providers say what they have to
//  say, too.
void net_settle (net_t *self, bool speak);

//  Time passes, in milliseconds; nothing is delivered.
void net_pass (net_t *self, unsigned ms);

//  Starts a new meter in the place of a dead one.
void net_new_meter (net_t *self);

//  ---- what became of it

bool net_is_alive (const net_t *self, net_host_t host);
bool net_was_opened (const net_t *self, unsigned client); //  the router heard of it
bool net_was_alone (const net_t *self, unsigned client);  //  ingress has to settle it
bool net_was_dropped (const net_t *self);                 //  drop_delta struck
const http_call_t *net_client (const net_t *self, unsigned client);
book_t *net_book (net_t *self);
char *net_admin (const net_t *self, net_host_t host,
                 const char *command); //  "caller frees"

//  The history so far, as lines. "owned by self"
const char *net_history (net_t *self);

//  One line of history that is not an event.
void net_note (net_t *self, const char *text);

#endif
