//  conf_remote: both addresses or none; nothing is listened to here.

#include "broker/core/conf_remote.h"
#include "broker/core/conf_state.h"
#include "broker/core/remote.h"

static const char *const s_names[] = { "admin", "events" };

#define NAMES (sizeof s_names / sizeof *s_names)

static int
s_settle (const br_conf_node_t *remote, const char *name, br_error_t *reterr)
{
    const br_conf_node_t *address = br_conf_node_get (remote, name);
    if (br_conf_node_is_empty (address))
        return br_error_set (reterr, BR_ECONFIG,
                             "%s:%u:%u: server.remote: expected \"%s\" to be given",
                             remote->file, br_conf_node_key_line (remote),
                             br_conf_node_key_column (remote), name);
    br_error_t error;
    if (!address->text || br_remote_check (address->text, BR_REMOTE_SERVER, &error))
        return br_error_set (reterr, BR_ECONFIG, "%s:%u:%u: server.remote.%s: %s",
                             address->file, address->line, address->column, name,
                             address->text ? error.text : "expected a text");
    return 0;
}

int
br_conf_remote_settle (br_conf_node_t *tree, br_error_t *reterr)
{
    br_conf_node_t *server = br_conf_node_get (tree, "server");
    br_conf_node_t *remote = br_conf_node_get (server, "remote");
    if (!remote)
        return 0;
    if (remote->kind == BR_CONF_SCALAR && !br_conf_node_is_empty (remote))
        return 0; //  no section, as the schema will say
    if (!remote->count) {
        br_conf_node_drop (server, "remote");
        return 0;
    }
    for (size_t i = 0; i < NAMES; i++)
        if (s_settle (remote, s_names[i], reterr))
            return -1;
    return 0;
}

const char *
br_conf_remote_admin (const br_conf_t *self)
{
    const br_conf_server_t *server = self->root->server;
    return server && server->remote ? server->remote->admin : NULL;
}

const char *
br_conf_remote_events (const br_conf_t *self)
{
    const br_conf_server_t *server = self->root->server;
    return server && server->remote ? server->remote->events : NULL;
}
