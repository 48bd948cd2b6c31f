//  doctor: looks at everything that a bitrouter needs, and says of each thing whether it is
//  well, and if not, what to do. It changes nothing.

#ifndef BR_CLI_DOCTOR_H
#define BR_CLI_DOCTOR_H

#include <cjson/cJSON.h>

#include "broker/core/conf_home.h"
#include "cli/command.h"

typedef enum {
    DOCTOR_OK,
    DOCTOR_WARNING, //  works, but not as somebody may think
    DOCTOR_ERROR,   //  does not work
    DOCTOR_LEVELS
} doctor_level_t;

//  One visit.
typedef struct _doctor_t {
    const cli_t *cli;
    br_conf_home_t home;
    br_conf_t *conf; //  owned; NULL when it is wrong
    cJSON *status;   //  owned; of the running server, NULL when none runs
    cJSON *findings; //  owned; {"check", "level", "text"}, in their order
    unsigned counts[DOCTOR_LEVELS];
} doctor_t;

//  Adds a finding: what is, and behind a semicolon what to do.
//  in:   check, the name of the thing; its texts are made one printable line
void doctor_say (doctor_t *self, doctor_level_t level, const char *check,
                 const char *format, ...) __attribute__ ((format (printf, 4, 5)));

//  One thing, or several of a kind. Each says something in any case.
typedef void (doctor_fn) (doctor_t *self);

//  doctor_files
doctor_fn doctor_home, doctor_modes, doctor_run_dir, doctor_logs_dir, doctor_disk;
//  doctor_conf
doctor_fn doctor_conf, doctor_providers, doctor_listen, doctor_certificate;
//  doctor_ledger
doctor_fn doctor_ledger;
//  doctor_system
doctor_fn doctor_clock, doctor_libraries, doctor_descriptors;
//  doctor_server
doctor_fn doctor_daemon, doctor_hosts, doctor_breakers;

#endif
