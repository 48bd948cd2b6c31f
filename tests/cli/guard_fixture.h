//  guard_fixture: guardrails of a configuration that is a text.

#ifndef GUARD_FIXTURE_H
#define GUARD_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "cli/guard_plan.h"

//  Families that these tests do not need, as a line of guardrails: a few patterns compile
//  sooner.
#define FIXTURE_FEW                                                                      \
    "  disabled_patterns: [private_keys, access_tokens, cloud_keys, prompt_injection, "  \
    "exfiltration_links, invisible_unicode, suspicious_commands, pii_phone_numbers, "    \
    "ip_addresses, pii_ssn, pii_iban]\n"

//  Opens the plan for a configuration and arguments. Returns what cli_guard_plan_open does.
static inline int
fixture_plan (cli_guard_plan_t *plan, const char *text, int argc, char **argv)
{
    char home[] = "/tmp/br-guard-XXXXXX";
    static const char *const environ_v[] = { NULL };
    assert_non_null (mkdtemp (home));
    char *path = br_strf ("%s/bitrouter.yaml", home);
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    fputs (text, file);
    fclose (file);
    const cli_t cli = { .flags = { .home_dir = home, .environ_v = environ_v } };
    int rc = cli_guard_plan_open (plan, &cli, &argc, argv);
    unlink (path);
    rmdir (home);
    free (path);
    return rc;
}

#endif
