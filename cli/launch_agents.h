//  launch_agents: what each agent reads to learn where its models are. Facts of the agents'
//  own documentation; a new agent is a row.

#ifndef BR_CLI_LAUNCH_AGENTS_H
#define BR_CLI_LAUNCH_AGENTS_H

#include <stdbool.h>

#define CLI_LAUNCH_ROWS 12
#define CLI_LAUNCH_HOME "{home}"
#define CLI_LAUNCH_TOKEN "{token}" //  stays in an expanded text when values have none

typedef struct _cli_launch_variable_t {
    const char *name;
    //  {url}, {token}, {session}, {home} stand for values; NULL = the variable is taken
    //  out, since the agent would rather believe it, and go around the server
    const char *value;
} cli_launch_variable_t;

typedef struct _cli_launch_agent_t {
    const char *name;      //  of the program; NULL for the row of all others
    const char *title;     //  what it is called
    const char *install;   //  command that brings it onto a machine, or NULL
    const char *file_name; //  of settings of ours, below the folder {home}; or NULL
    const char *file_text; //  what is in them
    const char *own_file;  //  the person's own settings, below their home
    const char *own_word;  //  with this word in them they do as well
    cli_launch_variable_t variables[CLI_LAUNCH_ROWS]; //  no name ends
    const char *args[2 * CLI_LAUNCH_ROWS]; //  in front of the user's own; NULL ends
} cli_launch_agent_t;

typedef struct _cli_launch_values_t {
    const char *url;     //  "http://127.0.0.1:8787"
    const char *token;   //  or NULL
    const char *session; //  a name that is new with each launch
    const char *home;    //  the folder with settings of ours, or NULL
} cli_launch_values_t;

//  The row of a program, by the last part of its path; never NULL.
const cli_launch_agent_t *cli_launch_agent_find (const char *program);

//  By index, from 0; NULL behind the last that has a name.
const cli_launch_agent_t *cli_launch_agent_at (unsigned index);

//  Whether a variable is left as it is: one that leads to settings of ours, where it is set
//  or the person's own will do. home: of the person, or NULL
bool cli_launch_is_kept (const cli_launch_agent_t *agent,
                         const cli_launch_variable_t *variable, const char *home);

//  A text with its values. "caller frees"
char *cli_launch_expand (const char *text, const cli_launch_values_t *values);

#endif
