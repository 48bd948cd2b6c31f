//  command: what a command of the program is, and what all of them are given.

#ifndef BR_CLI_COMMAND_H
#define BR_CLI_COMMAND_H

#include <stdbool.h>

#include "broker/core/actor.h"
#include "broker/core/conf.h"

struct _cli_command_t;

//  The flags that every command takes, and the program's kinds of actors.
typedef struct _cli_t {
    br_conf_flags_t flags;
    const char *log_level;                //  or NULL
    const char *log_format;               //  or NULL
    const char *broker;                   //  --broker: another than of run_dir; or NULL
    bool json;                            //  --json: answers as JSON
    bool help;                            //  --help was among the arguments
    const br_actor_t *const *actors;      //  NULL ends the list
    const struct _cli_command_t *program; //  the root of all commands; NULL in tests
} cli_t;

typedef struct _cli_command_t {
    const char *name;
    const char *other; //  another name that is understood too, or NULL
    const char *args;  //  "NAME --broker ENDPOINT", or ""
    const char *about; //  one line
    const char *help;  //  the rest of --help, lines; or NULL
    //  argv[0] is the command's name; global flags are taken out. Returns the exit status:
    //  0 done, 1 failed (with a line on stderr), 2 wrong usage. NULL when it only groups
    //  the commands below it.
    int (*run) (const cli_t *cli, int argc, char **argv);
    const struct _cli_command_t *const *commands; //  those below it, NULL ends; or NULL
    bool takes_broker;                            //  --broker means something to it
} cli_command_t;

#define CLI_OK 0
#define CLI_FAILED 1
#define CLI_USAGE 2

//  "Error: ..." on stderr; returns CLI_FAILED.
int cli_fail (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

//  Wrong usage, on stderr, with where to find help; returns CLI_USAGE.
//  in:   command, its words like "route list"; empty for the program itself
int cli_usage (const char *command, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

//  Takes the global flags out of the arguments, wherever they stand. 0 or -1 with a line
//  on stderr. Strings are borrowed from argv.
int cli_take_flags (cli_t *cli, int *argc, char **argv);

//  Takes `--name VALUE` or `--name=VALUE` out of the arguments; NULL when it is not there. One
//  that has no value or is given twice stays, with what is wrong as an allocated word in its
//  place, which cli_take_no_more tells; so does a switch with a value, or a second one.
const char *cli_take_option (int *argc, char **argv, const char *name);

//  Takes `--name` out of the arguments.
bool cli_take_switch (int *argc, char **argv, const char *name);

//  Complains of whatever is left behind the first `used` words. CLI_OK or CLI_USAGE.
int cli_take_no_more (const char *command, int used, int argc, char **argv);

//  The lines of --help for the global flags.
extern const char cli_flags_help[];

//  ---- the commands, one file each

extern const cli_command_t cli_account;
extern const cli_command_t cli_actor;
extern const cli_command_t cli_admin;
extern const cli_command_t cli_agents;
extern const cli_command_t cli_completions;
extern const cli_command_t cli_config;
extern const cli_command_t cli_doctor;
extern const cli_command_t cli_events;
extern const cli_command_t cli_guard;
extern const cli_command_t cli_init;
extern const cli_command_t cli_key;
extern const cli_command_t cli_keygen;
extern const cli_command_t cli_keys;
extern const cli_command_t cli_launch;
extern const cli_command_t cli_ledger;
extern const cli_command_t cli_logs;
extern const cli_command_t cli_login;
extern const cli_command_t cli_models;
extern const cli_command_t cli_providers;
extern const cli_command_t cli_receipt;
extern const cli_command_t cli_reload;
extern const cli_command_t cli_restart;
extern const cli_command_t cli_route;
extern const cli_command_t cli_serve;
extern const cli_command_t cli_spend;
extern const cli_command_t cli_start;
extern const cli_command_t cli_status;
extern const cli_command_t cli_stop;
extern const cli_command_t cli_tools;
extern const cli_command_t cli_topology;
extern const cli_command_t cli_trace;
extern const cli_command_t cli_tui;
extern const cli_command_t cli_version;

#endif
