//  door_client: asks the admin door of a running bitrouter, see broker/core/door.h.

#ifndef BR_CLI_DOOR_CLIENT_H
#define BR_CLI_DOOR_CLIENT_H

#include <cjson/cJSON.h>

#include "broker/core/remote.h"
#include "cli/command.h"

#define CLI_DOOR_MS 5000        //  how long most commands may take
#define CLI_DOOR_LONG_MS 120000 //  those that wait for all actors

typedef struct _cli_question_t {
    const char *run_dir;
    const char *command; //  see broker/core/br_admin.def
    const cJSON *args;   //  a JSON object, or NULL
    int timeout_ms;
} cli_question_t;

typedef struct _cli_answer_t {
    cJSON *result;    //  owned by whoever asked
    unsigned missing; //  count of actors that did not answer in time
} cli_answer_t;

//  Where a bitrouter is asked: in a run directory, or on another machine.
typedef struct _cli_door_t {
    char *run_dir;         //  owned; NULL: by the broker
    const char *broker;    //  borrowed of the flags; "tcp://HOST:7701", or NULL
    br_remote_keys_t keys; //  for it
} cli_door_t;

//  Whether a program listens on a socket: 0, or -1 with BR_EUNAVAILABLE.
int cli_door_probe (const char *socket_path, br_error_t *reterr);

//  Asks, and waits for the answer.
//  err:  BR_EUNAVAILABLE when no bitrouter runs there, BR_ETIMEOUT, BR_EINTERNAL when the
//        answer makes no sense, else the code of the door's own error
int cli_door_ask (const cli_question_t *question, cli_answer_t *ret_answer,
                  br_error_t *reterr);

//  The same, wherever the door is; the question's run_dir does not matter. It is said why
//  one does not come in (remote.h).
int cli_door_ask_at (const cli_door_t *door, const cli_question_t *question,
                     cli_answer_t *ret_answer, br_error_t *reterr);

//  The door that the flags name. cli_door_clear it, also when it fails.
//  err:  BR_ECONFIG, BR_EINVALID for a --broker that is no address
int cli_door_find (const cli_t *cli, cli_door_t *ret_door, br_error_t *reterr);
void cli_door_clear (cli_door_t *door);

//  The run directory of the flags. "caller frees", or NULL with BR_ECONFIG.
char *cli_door_run_dir (const cli_t *cli, br_error_t *reterr);

//  All of it for a command: finds the door, asks, complains on stderr, and warns
//  there of missing answers. CLI_OK or CLI_FAILED. "caller deletes *ret_result"
int cli_door_command (const cli_t *cli, const char *command, const cJSON *args,
                      int timeout_ms, cJSON **ret_result);

//  Prints JSON for people and programs, with an end of line.
void cli_door_print (const cJSON *json);

//  The same for an object with nothing but {"name": true}.
void cli_door_print_true (const char *name);

#endif
