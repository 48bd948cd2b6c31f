//  doctor: looks at everything that a bitrouter needs. What is looked at is in doctor_files,
//  doctor_conf, doctor_ledger, doctor_system and doctor_server.

#include <stdarg.h>
#include <stdio.h>

#include "cli/daemon.h"
#include "cli/doctor.h"
#include "cli/door_client.h"

#define TEXT_BYTES 1024 //  of a finding, with its end

//  In the order in which things depend on each other.
static doctor_fn *const s_checks[] = {
    doctor_home,   doctor_modes,  doctor_run_dir,     doctor_logs_dir,
    doctor_disk,   doctor_conf,   doctor_providers,   doctor_certificate,
    doctor_daemon, doctor_listen, doctor_hosts,       doctor_breakers,
    doctor_ledger, doctor_clock,  doctor_descriptors, doctor_libraries,
};

static const char *const s_levels[DOCTOR_LEVELS] = { "ok", "warning", "error" };

void
doctor_say (doctor_t *self, doctor_level_t level, const char *check, const char *format,
            ...)
{
    char text[TEXT_BYTES];
    va_list args;
    va_start (args, format);
    vsnprintf (text, sizeof text, format, args);
    va_end (args);
    br_conf_words_one_line (text);
    self->counts[level]++;
    cJSON *finding = cJSON_CreateObject ();
    cJSON_AddStringToObject (finding, "check", check);
    cJSON_AddStringToObject (finding, "level", s_levels[level]);
    cJSON_AddStringToObject (finding, "text", text);
    cJSON_AddItemToArray (self->findings, finding);
    if (!self->cli->json)
        printf ("%-8s %-13s %s\n", s_levels[level], check, text);
}

static void
s_end (doctor_t *self)
{
    if (self->cli->json) {
        cJSON *answer = cJSON_CreateObject ();
        cJSON_AddBoolToObject (answer, "healthy", self->counts[DOCTOR_ERROR] == 0);
        cJSON_AddNumberToObject (answer, "errors", self->counts[DOCTOR_ERROR]);
        cJSON_AddNumberToObject (answer, "warnings", self->counts[DOCTOR_WARNING]);
        cJSON_AddItemToObject (answer, "checks", self->findings);
        cli_door_print (answer);
        cJSON_Delete (answer);
        return;
    }
    printf ("\n%u errors, %u warnings\n", self->counts[DOCTOR_ERROR],
            self->counts[DOCTOR_WARNING]);
    cJSON_Delete (self->findings);
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    doctor_t self = { .cli = cli };
    cli_answer_t answer = { .result = NULL };
    if (cli_take_no_more ("doctor", 1, argc, argv))
        return CLI_USAGE;
    if (cli_daemon_home (cli, &self.home))
        return CLI_FAILED;
    self.findings = cJSON_CreateArray ();
    cli_question_t question = { self.home.run_dir, "status", NULL, CLI_DOOR_MS };
    if (cli_door_ask (&question, &answer, NULL) == 0)
        self.status = answer.result;
    for (size_t i = 0; i < sizeof s_checks / sizeof *s_checks; i++)
        s_checks[i](&self);
    s_end (&self);
    cJSON_Delete (self.status);
    br_conf_destroy (&self.conf);
    br_conf_home_clear (&self.home);
    return self.counts[DOCTOR_ERROR] ? CLI_FAILED : CLI_OK;
}

const cli_command_t cli_doctor = {
    .name = "doctor",
    .args = "",
    .about = "look at files, configuration, ledger, system and the running server",
    .help =
        "Each line is ok, a warning or an error, with what to do about it. Nothing is\n"
        "changed. The exit status is 1 when there is an error.\n",
    .run = s_run,
};
