//  broker_admin: the commands of the admin door that the broker answers itself, and how
//  the others reach their actors.

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/broker_state.h"
#include "broker/core/version.h"

static const char *
s_place_name (br_placement_t place)
{
    static const char *const names[] = { "thread", "process", "remote" };
    return names[place];
}

static const char *
s_state_name (const br_broker_t *self, const br_member_row_t *row)
{
    if (row->life)
        return "up";
    return br_supervisor_gave_up (self->supervisor, row->host->name) ? "gave up" : "gone";
}

static cJSON *
s_host (br_broker_t *self, const br_member_row_t *row)
{
    cJSON *host = cJSON_CreateObject ();
    cJSON_AddStringToObject (host, "name", row->host->name);
    cJSON_AddNumberToObject (host, "number", row->number);
    cJSON_AddStringToObject (host, "state", s_state_name (self, row));
    cJSON_AddStringToObject (host, "place", s_place_name (row->host->place));
    cJSON_AddNumberToObject (host, "life", row->life);
    cJSON_AddNumberToObject (host, "pid", (double) row->pid);
    cJSON_AddNumberToObject (host, "restarts",
                             br_supervisor_restarts (self->supervisor, row->host->name));
    cJSON_AddNumberToObject (host, "messages", (double) row->messages);
    cJSON_AddNumberToObject (host, "longest_handler_us", (double) row->longest_us);
    cJSON_AddNumberToObject (host, "p999_handler_us", (double) row->p999_us);
    cJSON_AddNumberToObject (host, "slow_handlers", (double) row->slow);
    cJSON_AddStringToObject (host, "endpoint", row->endpoint);
    cJSON *actors = cJSON_AddArrayToObject (host, "actors");
    for (size_t i = 0; i < row->seats_size; i++)
        cJSON_AddItemToArray (actors, cJSON_CreateString (row->seats[i].name));
    return host;
}

static cJSON *
s_hosts (br_broker_t *self)
{
    cJSON *hosts = cJSON_CreateArray ();
    for (size_t i = 0; i < self->registry.size; i++)
        cJSON_AddItemToArray (hosts, s_host (self, &self->registry.rows[i]));
    return hosts;
}

static cJSON *
s_providers (br_broker_t *self)
{
    cJSON *providers = cJSON_CreateArray ();
    const char *name;
    for (size_t i = 0; (name = br_conf_provider_names (self->conf, i)); i++) {
        cJSON *provider = cJSON_CreateObject ();
        cJSON_AddStringToObject (provider, "name", name);
        cJSON_AddBoolToObject (provider, "active",
                               br_conf_provider_active (self->conf, name));
        const char *hint = br_conf_provider_hint (self->conf, name);
        if (hint)
            cJSON_AddStringToObject (provider, "hint", hint);
        cJSON_AddItemToArray (providers, provider);
    }
    return providers;
}

int
br_broker_open_remote (br_broker_t *self, br_error_t *reterr)
{
    const char *admin = br_conf_remote_admin (self->conf);
    const char *events = br_conf_remote_events (self->conf);
    const br_curve_t *keys = self->given.remote;
    void *zmq = self->given.zmq;
    if (!admin)
        return 0;
    if (!keys)
        return br_error_set (reterr, BR_ESYSTEM, "server.remote: there are no keys");
    if (br_event_socket_open_remote (self->events, zmq, events, keys, reterr))
        return -1;
    return br_door_open_remote (self->door, zmq, admin, keys, reterr);
}

//  Where it listens to other machines, when it does.
static void
s_add_remote (const br_broker_t *self, cJSON *status)
{
    if (!br_door_remote (self->door))
        return;
    cJSON *remote = cJSON_AddObjectToObject (status, "remote");
    cJSON_AddStringToObject (remote, "admin", br_door_remote (self->door));
    cJSON_AddStringToObject (remote, "events", br_event_socket_remote (self->events));
}

static cJSON *
s_status (br_broker_t *self)
{
    cJSON *status = cJSON_CreateObject ();
    cJSON_AddStringToObject (status, "version", BR_VERSION);
    cJSON_AddNumberToObject (status, "pid", getpid ());
    cJSON_AddBoolToObject (status, "ready", self->ready);
    cJSON_AddNumberToObject (status, "generation", (double) self->generation);
    cJSON_AddStringToObject (status, "home", br_conf_home (self->conf));
    cJSON_AddStringToObject (status, "config", br_conf_config_file (self->conf));
    cJSON *listen = cJSON_AddArrayToObject (status, "listen");
    const char *address;
    for (size_t i = 0; (address = br_conf_listen (self->conf, i)); i++)
        cJSON_AddItemToArray (listen, cJSON_CreateString (address));
    s_add_remote (self, status);
    cJSON *active = cJSON_AddArrayToObject (status, "providers");
    const char *name;
    for (size_t i = 0; (name = br_conf_provider_names (self->conf, i)); i++)
        if (br_conf_provider_active (self->conf, name))
            cJSON_AddItemToArray (active, cJSON_CreateString (name));
    cJSON_AddItemToObject (status, "hosts", s_hosts (self));
    return status;
}

static cJSON *
s_config (br_broker_t *self)
{
    char *text = br_conf_show (self->conf);
    cJSON *config = cJSON_CreateString (text);
    free (text);
    return config;
}

static cJSON *
s_trace (br_broker_t *self, const char *args)
{
    cJSON *json = cJSON_Parse (args);
    self->trace_admin = cJSON_IsTrue (cJSON_GetObjectItemCaseSensitive (json, "on"));
    cJSON_Delete (json);
    br_broker_want_events (self);
    return cJSON_CreateBool (self->trace_admin);
}

static cJSON *
s_stop (br_broker_t *self)
{
    cJSON *answer = cJSON_CreateObject ();
    cJSON_AddNumberToObject (answer, "drain_ms", (double) br_broker_drain_ms (self));
    br_broker_stop (self, br_broker_drain_ms (self));
    return answer;
}

static const struct {
    const char *command;
    br_change_kind_t kind;
} s_changes[] = {
    { "reload", BR_CHANGE_RELOAD },
    { "route_add", BR_CHANGE_ROUTE_ADD },
    { "route_remove", BR_CHANGE_ROUTE_REMOVE },
};

//  The broker's own answer, or NULL when it comes later.
static cJSON *
s_answer (br_broker_t *self, const char *command, const char *args, uint64_t ticket)
{
    if (strcmp (command, "status") == 0 || strcmp (command, "snapshot") == 0)
        return s_status (self);
    if (strcmp (command, "hosts") == 0)
        return s_hosts (self);
    if (strcmp (command, "config") == 0)
        return s_config (self);
    if (strcmp (command, "providers") == 0)
        return s_providers (self);
    if (strcmp (command, "trace") == 0)
        return s_trace (self, args);
    if (strcmp (command, "stop") == 0)
        return s_stop (self);
    for (size_t i = 0; i < sizeof s_changes / sizeof *s_changes; i++)
        if (strcmp (command, s_changes[i].command) == 0) {
            br_door_hold (self->door, ticket);
            br_rollout_ask (self, s_changes[i].kind, ticket, args);
            return NULL;
        }
    return cJSON_CreateNull ();
}

static unsigned
s_ask_actors (br_broker_t *self, const br_admin_row_t *row, uint64_t ticket,
              const char *args)
{
    unsigned asked = 0;
    struct br_admin_ask ask = { .ticket = ticket, .command = row->name, .args = args };
    for (size_t i = 0; i < self->registry.size; i++) {
        const br_member_row_t *member = &self->registry.rows[i];
        for (size_t k = 0; member->life && k < member->seats_size; k++) {
            const br_seat_t *seat = &member->seats[k];
            if (seat->role == row->role && br_addr_is_set (seat->addr)
                && br_broker_tell (self, seat->addr, BR_ADMIN_ASK, &ask) == 0)
                asked++;
        }
    }
    return asked;
}

static unsigned
s_ask (void *arg, const br_admin_row_t *row, uint64_t ticket, const char *args)
{
    br_broker_t *self = arg;
    if (row->role != BR_ROLE_BROKER)
        return s_ask_actors (self, row, ticket, args);
    cJSON *answer = s_answer (self, row->name, args, ticket);
    if (!answer)
        return 1;
    char *text = cJSON_PrintUnformatted (answer);
    cJSON_Delete (answer);
    br_door_answer (self->door, ticket, NULL, text);
    cJSON_free (text);
    return 1;
}

const br_door_handler_t br_broker_door = { .ask = s_ask };

void
br_broker_on_answer (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    br_broker_t *self = state;
    const struct br_admin_answer *answer = br_msg_fields (msg);
    const br_member_row_t *row = br_registry_by_life (&self->registry, msg->from.host,
                                                      msg->from.life);
    br_door_answer (self->door, answer->ticket, row ? row->host->name : NULL,
                    answer->answer);
}

//  ---- questions over the bus

typedef struct {
    br_broker_t *broker;
    br_addr_t from;
    uint64_t ticket;
} bus_question_t;

static void
s_on_reply (void *arg, const char *reply)
{
    bus_question_t *question = arg;
    struct br_admin_reply told = { .ticket = question->ticket, .reply = reply };
    br_broker_tell (question->broker, question->from, BR_ADMIN_REPLY, &told);
    free (question);
}

void
br_broker_on_question (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    br_broker_t *self = state;
    const struct br_admin_question *asked = br_msg_fields (msg);
    if (!self->door)
        return;
    bus_question_t *question = BR_NEW (bus_question_t);
    *question = (bus_question_t) { self, msg->from, asked->ticket };
    br_door_question (self->door, asked->request, strlen (asked->request), s_on_reply,
                      question);
}
