//  topology: which hosts there are and what lives in each; and the keys of those that
//  talk over tcp.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_home.h"
#include "broker/core/curve.h"
#include "broker/core/topology.h"
#include "cli/door_client.h"
#include "cli/table.h"

#define CLIENT_BYTES 64 //  of a client's name

static const char *const s_buses[] = { "inproc", "ipc", "tcp" };
static const char *const s_places[] = { "thread", "process", "remote" };

//  ---- show

static cJSON *
s_to_json (const br_topology_t *topology)
{
    cJSON *json = cJSON_CreateObject ();
    cJSON_AddStringToObject (json, "bus", s_buses[topology->bus]);
    if (topology->broker)
        cJSON_AddStringToObject (json, "broker", topology->broker);
    cJSON *hosts = cJSON_AddArrayToObject (json, "hosts");
    for (unsigned i = 0; i < topology->hosts_count; i++) {
        const br_topology_host_t *host = &topology->hosts[i];
        cJSON *row = cJSON_CreateObject ();
        cJSON_AddStringToObject (row, "name", host->name);
        cJSON_AddStringToObject (row, "place", s_places[host->place]);
        if (host->bind)
            cJSON_AddStringToObject (row, "bind", host->bind);
        cJSON *actors = cJSON_AddArrayToObject (row, "actors");
        for (unsigned k = 0; k < host->actors_count; k++)
            cJSON_AddItemToArray (actors, cJSON_CreateString (host->actors[k]));
        cJSON_AddItemToArray (hosts, row);
    }
    return json;
}

static void
s_add_actors (cli_table_t *table, const br_topology_host_t *host)
{
    br_buf_t list;
    br_buf_init (&list, 64 * 1024);
    for (unsigned i = 0; i < host->actors_count; i++)
        br_buf_addf (&list, "%s%s", i ? ", " : "", host->actors[i]);
    cli_table_add (table, br_buf_text (&list));
    br_buf_free (&list);
}

static void
s_print (const br_topology_t *topology)
{
    static const char *const heads[] = { "HOST", "PLACE", "BIND", "ACTORS", NULL };
    char *broker = cli_table_clean (topology->broker);
    printf ("bus:    %s\n", s_buses[topology->bus]);
    if (topology->broker)
        printf ("broker: %s\n", broker);
    free (broker);
    putchar ('\n');
    cli_table_t *table = cli_table_new (heads);
    for (unsigned i = 0; i < topology->hosts_count; i++) {
        const br_topology_host_t *host = &topology->hosts[i];
        cli_table_add (table, host->name);
        cli_table_add (table, s_places[host->place]);
        cli_table_add (table, host->bind ? host->bind : "-");
        s_add_actors (table, host);
    }
    cli_table_print (table, stdout);
    cli_table_destroy (&table);
}

//  The topology that the one argument names; NULL with a complaint and *ret_rc set.
static br_topology_t *
s_load (const char *command, int argc, char **argv, int *ret_rc)
{
    if (argc < 2) {
        *ret_rc = cli_usage (command,
                             "name a topology: one, processes, hosts, or a file");
        return NULL;
    }
    *ret_rc = cli_take_no_more (command, 2, argc, argv);
    br_error_t error;
    br_topology_t *topology = *ret_rc ? NULL : br_topology_load (argv[1], &error);
    if (!topology && !*ret_rc)
        *ret_rc = cli_fail ("%s", error.text);
    return topology;
}

static int
s_run_show (const cli_t *cli, int argc, char **argv)
{
    int rc;
    br_topology_t *topology = s_load ("topology show", argc, argv, &rc);
    if (!topology)
        return rc;
    cJSON *json = s_to_json (topology);
    if (cli->json)
        cli_door_print (json);
    else
        s_print (topology);
    cJSON_Delete (json);
    br_topology_destroy (&topology);
    return CLI_OK;
}

static const cli_command_t s_show = {
    .name = "show",
    .args = "NAME|FILE",
    .about = "the hosts of a topology and the actors in each",
    .run = s_run_show,
};

//  ---- check

//  The first kind of actor without a host, or NULL. upstream/* counts when some provider
//  would find a host.
static const char *
s_homeless (const cli_t *cli, const br_topology_t *topology)
{
    for (const br_actor_t *const *actor = cli->actors; actor && *actor; actor++) {
        bool many = strcmp ((*actor)->name, "upstream") == 0;
        char *name = br_strf ("%s%s", (*actor)->name, many ? "/any" : "");
        bool found = false;
        for (unsigned i = 0; i < topology->hosts_count; i++)
            found |= br_topology_runs (&topology->hosts[i], name);
        free (name);
        if (!found)
            return (*actor)->name;
    }
    return NULL;
}

static int
s_run_check (const cli_t *cli, int argc, char **argv)
{
    int rc;
    br_topology_t *topology = s_load ("topology check", argc, argv, &rc);
    if (!topology)
        return rc;
    br_error_t error;
    if (br_topology_check_actors (topology, cli->actors, &error)) {
        br_topology_destroy (&topology);
        return cli_fail ("%s", error.text);
    }
    const char *homeless = s_homeless (cli, topology);
    if (homeless)
        fprintf (stderr, "Warning: no host runs the actor %s\n", homeless);
    cJSON *json = cJSON_CreateObject ();
    cJSON_AddTrueToObject (json, "valid");
    cJSON_AddNumberToObject (json, "hosts", topology->hosts_count);
    if (cli->json)
        cli_door_print (json);
    else
        printf ("topology is valid: %s (%u hosts)\n", argv[1], topology->hosts_count);
    cJSON_Delete (json);
    br_topology_destroy (&topology);
    return CLI_OK;
}

static const cli_command_t s_check = {
    .name = "check",
    .args = "NAME|FILE",
    .about = "read a topology and tell what is wrong with it",
    .run = s_run_check,
};

//  ---- keygen

static bool
s_has_key (const char *dir, const char *name)
{
    char *path = br_strf ("%s/%s.key", dir, name);
    bool has = access (path, F_OK) == 0;
    free (path);
    return has;
}

//  What happened to each key, where each must go.
static cJSON *
s_keys_report (const br_topology_t *topology, const char *dir, const char *const *names,
               const bool *made)
{
    cJSON *report = cJSON_CreateObject ();
    cJSON_AddStringToObject (report, "dir", dir);
    cJSON *keys = cJSON_AddArrayToObject (report, "keys");
    for (unsigned i = 0; names[i]; i++) {
        cJSON *key = cJSON_CreateObject ();
        cJSON_AddStringToObject (key, "host", names[i]);
        cJSON_AddBoolToObject (key, "made", made[i]);
        bool remote = i > 0 && topology->hosts[i - 1].place == BR_PLACE_REMOTE;
        cJSON_AddBoolToObject (key, "remote", remote);
        cJSON_AddItemToArray (keys, key);
    }
    return report;
}

static void
s_print_keys (const cJSON *report)
{
    const char *dir = cJSON_GetStringValue (cJSON_GetObjectItem (report, "dir"));
    const cJSON *keys = cJSON_GetObjectItem (report, "keys");
    const cJSON *key;
    unsigned remotes = 0;
    printf ("keys in %s:\n", dir);
    cJSON_ArrayForEach (key, keys)
    {
        const char *name = cJSON_GetStringValue (cJSON_GetObjectItem (key, "host"));
        bool made = cJSON_IsTrue (cJSON_GetObjectItem (key, "made"));
        printf ("  %s.key, %s.pub  %s\n", name, name, made ? "made" : "kept");
    }
    cJSON_ArrayForEach (key, keys)
    {
        if (!cJSON_IsTrue (cJSON_GetObjectItem (key, "remote")))
            continue;
        const char *name = cJSON_GetStringValue (cJSON_GetObjectItem (key, "host"));
        if (remotes++ == 0)
            puts ("\nTake to the curve/ folder of the home on the machine of");
        printf ("  %s:  %s.key and every *.pub\n", name, name);
    }
    puts (remotes ? "\nA .key file is a secret: nobody but its own host may have it."
                  : "\nNo host is remote: nothing has to be copied.");
}

static int
s_generate (const cli_t *cli, const br_topology_t *topology, const char *dir,
            br_error_t *reterr)
{
    const char *names[BR_TOPOLOGY_HOSTS_MAX + 2] = { "broker" };
    bool made[BR_TOPOLOGY_HOSTS_MAX + 2] = { false };
    for (unsigned i = 0; i < topology->hosts_count; i++)
        names[i + 1] = topology->hosts[i].name;
    for (unsigned i = 0; names[i]; i++) {
        if (strchr (names[i], '/'))
            return br_error_set (reterr, BR_ECONFIG,
                                 "host '%s' cannot have a key: its name has a /",
                                 names[i]);
        made[i] = !s_has_key (dir, names[i]);
    }
    if (br_curve_generate (dir, names, reterr))
        return -1;
    cJSON *report = s_keys_report (topology, dir, names, made);
    if (cli->json)
        cli_door_print (report);
    else
        s_print_keys (report);
    cJSON_Delete (report);
    return 0;
}

//  ---- keys of clients, for server.remote

static void
s_report_client (const cli_t *cli, const char *dir, const char *name, bool made)
{
    if (cli->json) {
        cJSON *report = cJSON_CreateObject ();
        cJSON_AddStringToObject (report, "dir", dir);
        cJSON_AddStringToObject (report, "client", name);
        cJSON_AddBoolToObject (report, "made", made);
        cli_door_print (report);
        cJSON_Delete (report);
        return;
    }
    printf ("keys in %s:\n"
            "  broker.pub\n"
            "  clients/%s.key, clients/%s.pub  %s\n"
            "\n"
            "Take to the curve/ folder of the home on the machine of %s\n"
            "  clients/%s.key as client.key\n"
            "  clients/%s.pub as client.pub\n"
            "  broker.pub\n"
            "\n"
            "A .key file is a secret: remove it here once it is there. Who has it may do "
            "all\n"
            "that `bitrouter admin` can, until clients/%s.pub is removed.\n",
            dir, name, name, made ? "made" : "kept", name, name, name, name);
}

static int
s_generate_client (const cli_t *cli, const char *dir, const char *name,
                   br_error_t *reterr)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const char *const broker[] = { "broker", NULL }, *const client[] = { name, NULL };
    if (!*name || *name == '.' || strlen (name) > CLIENT_BYTES
        || strspn (name, letters) != strlen (name))
        return br_error_set (
            reterr, BR_EINVALID,
            "a client's name has up to %d letters, digits, -, _ and dots, "
            "none of them first",
            CLIENT_BYTES);
    char *clients = br_strf ("%s/" BR_CURVE_CLIENTS, dir);
    char *public_path = br_strf ("%s/%s.pub", clients, name);
    bool made = access (public_path, F_OK) != 0; //  its secret may have been taken away
    int rc = br_curve_generate (dir, broker, reterr);
    if (rc == 0 && made)
        rc = br_curve_generate (clients, client, reterr);
    if (rc == 0)
        s_report_client (cli, dir, name, made);
    free (public_path);
    free (clients);
    return rc;
}

static int
s_run_keygen (const cli_t *cli, int argc, char **argv)
{
    const char *name = cli_take_option (&argc, argv, "--topology");
    const char *client = cli_take_option (&argc, argv, "--client");
    if (cli_take_no_more ("topology keygen", 1, argc, argv))
        return CLI_USAGE;
    if (name && client)
        return cli_usage ("topology keygen", "give --topology or --client, not both");
    br_error_t error;
    br_conf_home_t home;
    br_topology_t *topology = client ? NULL
                                     : br_topology_load (name ? name : "hosts", &error);
    int rc = topology || client ? 0 : -1;
    if (rc == 0)
        rc = br_conf_home_find (&home, &cli->flags, (const char *const *) environ, NULL,
                                &error);
    if (rc == 0) {
        char *dir = br_strf ("%s/curve", home.home);
        rc = client ? s_generate_client (cli, dir, client, &error)
                    : s_generate (cli, topology, dir, &error);
        free (dir);
        br_conf_home_clear (&home);
    }
    br_topology_destroy (&topology);
    return rc ? cli_fail ("%s", error.text) : CLI_OK;
}

static const cli_command_t s_keygen = {
    .name = "keygen",
    .args = "[--topology NAME|FILE | --client NAME]",
    .about = "make the keys of hosts that talk over tcp, in HOME/curve",
    .help = "  --topology NAME|FILE  whose hosts get keys; the default is hosts\n"
            "  --client NAME         a key for a program on another machine, as with\n"
            "                        `bitrouter tui --broker`; see server.remote in\n"
            "                        bitrouter.yaml(5)\n"
            "\n"
            "Keys that exist are kept. It tells which files to copy to which machine.\n",
    .run = s_run_keygen,
};

static const cli_command_t *const s_commands[] = { &s_show, &s_check, &s_keygen, NULL };

const cli_command_t cli_topology = {
    .name = "topology",
    .args = "COMMAND",
    .about = "show or check a topology, make the keys of its hosts",
    .commands = s_commands,
};
