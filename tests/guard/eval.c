//  eval: how precise the patterns of conf/guard are, and how much they find:
//
//      eval SOURCE_DIR LIST            both halves; fails when the held-out half is below
//                                      what is promised
//      eval SOURCE_DIR LIST show       the false and the missed of the other half, to tune by
//      eval SOURCE_DIR LIST review     hashes of what was found in the held-out half and is
//                                      not labelled, to be looked at
//
//  Positives are made by rule (sample.h); negatives are pieces of Debian packages (LIST), our
//  own writing and look-alikes. A piece counts as false for a family when anything of that
//  family is found in it that is neither its planted value nor labelled true. A positive
//  counts as found when a finding of its family meets the value, as whole when findings
//  cover all of what must not get through.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_text.h"
#include "tests/guard/families.h"
#include "tests/guard/label.h"
#include "tests/guard/pieces.h"
#include "tests/guard/sample.h"

#define FAMILIES_MAX 32
#define FOUND_MAX 4096       //  findings of one text
#define POSITIVES_EACH 600   //  of a family
#define LOOK_ALIKES_EACH 10  //  of a form
#define NEGATIVES_LEAST 2000 //  of packages, in each half
#define SKIPPED 77

typedef enum {
    DEV,
    HELD_OUT,
    HALVES
} half_t;

typedef struct {
    unsigned positives;      //  values that stand in texts
    unsigned found;          //  of them
    unsigned whole;          //  of them, to the last byte
    unsigned false_pieces;   //  texts with a finding that is none
    unsigned false_findings; //
    unsigned labelled;       //  findings in texts of others that are true
} tally_t;

typedef struct {
    families_t *families;
    guard_rules_t *rules;
    label_t *label;
    half_t shown;  //  half whose mistakes are printed; HALVES = none
    bool reviewed; //  with hashes
    tally_t tallies[HALVES][FAMILIES_MAX];
    size_t pieces[HALVES];     //  negatives
    size_t bytes[HALVES];      //  of negatives
    guard_finding_t *findings; //  of the text under way; bytes are not kept
    size_t count;
    unsigned failed; //  tries that ended at a limit
} world_t;

//  ---- one text

static void
s_keep (void *arg, const guard_finding_t *finding)
{
    world_t *self = arg;
    if (finding->kind == GUARD_FAILED)
        self->failed++;
    else if (self->count < FOUND_MAX)
        self->findings[self->count++] = *finding;
}

static void
s_look (world_t *self, const char *text, size_t size)
{
    self->count = 0;
    guard_text_t *under_way = guard_text_new (self->rules, 1, GUARD_UP, GUARD_WARN,
                                              GUARD_BLOCK, s_keep, self);
    guard_text_push (under_way, text, size);
    guard_text_end (under_way);
    guard_text_destroy (&under_way);
}

static unsigned
s_family (const world_t *self, const char *id)
{
    unsigned index = 0;
    while (strcmp (br_conf_node_get_text (families_at (self->families, index), "id"), id))
        index++;
    return index;
}

static void
s_show (const world_t *self, half_t half, const char *what, const char *where,
        const char *pattern, const char *text, size_t size, size_t at, size_t found)
{
    if (half != self->shown)
        return;
    size_t from = at > 30 ? at - 30 : 0;
    size_t to = at + found + 30 < size ? at + found + 30 : size;
    printf ("%s %s %016llx %s: ", what, pattern, label_hash (text + at, found), where);
    for (size_t i = from; i < to && i < from + 240; i++)
        putchar (text[i] == '\n' ? '~' : text[i]);
    putchar ('\n');
}

//  Whether a finding meets the range.
static bool
s_meets (const guard_finding_t *finding, size_t at, size_t size)
{
    return finding->at < at + size && finding->at + finding->size > at;
}

//  Counts what is false in the text under way: of every family, or in a positive all that
//  does not meet its value.
static void
s_count_false (world_t *self, half_t half, const char *where, const char *text,
               size_t size, const sample_t *sample)
{
    bool seen[FAMILIES_MAX] = { false };
    for (size_t i = 0; i < self->count; i++) {
        const guard_finding_t *finding = &self->findings[i];
        const char *id = guard_rules_family (self->rules, finding->pattern);
        tally_t *tally = &self->tallies[half][s_family (self, id)];
        if (sample && s_meets (finding, sample->at, sample->value_size))
            continue;
        if (label_is_true (self->label, id, text, size, finding->at, finding->size)) {
            tally->labelled++;
            continue;
        }
        tally->false_findings++;
        if (!seen[s_family (self, id)])
            tally->false_pieces++;
        seen[s_family (self, id)] = true;
        s_show (self, half, "FALSE", where,
                guard_rules_name (self->rules, finding->pattern), text, size, finding->at,
                finding->size);
    }
}

static void
s_negative (void *arg, const piece_t *piece)
{
    world_t *self = arg;
    half_t half = piece->held_out ? HELD_OUT : DEV;
    self->pieces[half]++;
    self->bytes[half] += piece->size;
    s_look (self, piece->text, piece->size);
    s_count_false (self, half, piece->name, piece->text, piece->size, NULL);
}

static void
s_positive (world_t *self, const sample_t *sample)
{
    half_t half = sample->held_out ? HELD_OUT : DEV;
    unsigned family = s_family (self, sample->family);
    tally_t *tally = &self->tallies[half][family];
    s_look (self, sample->text, sample->size);
    size_t covered = sample->core_at;
    bool found = false;
    for (size_t round = 0; round < self->count; round++)
        for (size_t i = 0; i < self->count; i++) {
            const guard_finding_t *finding = &self->findings[i];
            if (s_family (self, guard_rules_family (self->rules, finding->pattern))
                    != family
                || !s_meets (finding, sample->at, sample->value_size))
                continue;
            found = true;
            if (finding->at <= covered && finding->at + finding->size > covered)
                covered = finding->at + finding->size;
        }
    tally->positives++;
    tally->found += found;
    tally->whole += covered >= sample->core_at + sample->core_size;
    if (!found)
        s_show (self, half, "MISSED", sample->kind, sample->family, sample->text,
                sample->size, sample->at, sample->value_size);
    else if (covered < sample->core_at + sample->core_size)
        s_show (self, half, "PARTLY", sample->kind, sample->family, sample->text,
                sample->size, sample->at, sample->value_size);
    s_count_false (self, half, "positive", sample->text, sample->size, sample);
}

static void
s_samples (world_t *self)
{
    sample_t *sample = BR_NEW (sample_t);
    for (unsigned i = 0; i < sample_kinds () * POSITIVES_EACH; i++) {
        sample_positive (i, sample);
        s_positive (self, sample);
    }
    for (unsigned i = 0; i < sample_look_alikes () * LOOK_ALIKES_EACH; i++) {
        sample_look_alike (i, sample);
        piece_t piece = { "look-alike", sample->text, sample->size, sample->held_out };
        s_negative (self, &piece);
    }
    free (sample);
}

//  ---- the account

static const struct {
    const char *family;
    double least; //  of precision and recall
    bool whole;   //  recall counts what was found to its last byte
} s_promises[] = {
    { "api_keys", 0.98, true },
    { "private_keys", 0.98, true },
    { "credentials", 0.98, true },
    { "cloud_keys", 0.98, true },
    { "access_tokens", 0.98, true },
    { "pii_emails", 0.95, true },
    { "pii_phone_numbers", 0.95, true },
    { "ip_addresses", 0.95, true },
    { "pii_ssn", 0.95, true },
    { "pii_credit_cards", 0.95, true },
    { "pii_iban", 0.95, true },
    { "suspicious_commands", 0.95, false },
    { "prompt_injection", 0.95, false },
    { "invisible_unicode", 0.95, true },
    { "exfiltration_links", 0.95, false },
};

static bool
s_print_half (const world_t *self, half_t half)
{
    bool kept = true;
    printf ("\n%s half: %zu negatives, %.1f MB\n", half == DEV ? "tuning" : "held-out",
            self->pieces[half], (double) self->bytes[half] / 1e6);
    printf ("%-20s %9s %7s %7s %6s %9s %9s %9s %8s\n", "family", "positives", "found",
            "whole", "false", "findings", "precision", "recall", "labelled");
    for (size_t i = 0; i < sizeof s_promises / sizeof *s_promises; i++) {
        const tally_t
            *tally = &self->tallies[half][s_family (self, s_promises[i].family)];
        double precision = tally->found + tally->false_pieces
                               ? (double) tally->found
                                     / (tally->found + tally->false_pieces)
                               : 0;
        unsigned good_ones = s_promises[i].whole ? tally->whole : tally->found;
        double recall = tally->positives ? (double) good_ones / tally->positives : 0;
        bool good = precision >= s_promises[i].least && recall >= s_promises[i].least;
        kept = kept && good;
        printf ("%-20s %9u %7u %7u %6u %9u %9.4f %9.4f %8u%s\n", s_promises[i].family,
                tally->positives, tally->found, tally->whole, tally->false_pieces,
                tally->false_findings, precision, recall, tally->labelled,
                good ? "" : "  TOO LOW");
    }
    return kept;
}

static int
s_judge (const world_t *self, const size_t packages[HALVES])
{
    if (self->shown != HALVES)
        return 0;
    bool kept = s_print_half (self, DEV);
    kept = s_print_half (self, HELD_OUT);
    printf ("pieces of packages: %zu and %zu; tries that ended at a limit: %u\n",
            packages[DEV], packages[HELD_OUT], self->failed);
    if (packages[DEV] < NEGATIVES_LEAST || packages[HELD_OUT] < NEGATIVES_LEAST) {
        printf ("SKIP: there are fewer than %d pieces of packages in a half here\n",
                NEGATIVES_LEAST);
        return kept ? SKIPPED : 1;
    }
    return kept && self->failed == 0 ? 0 : 1;
}

int
main (int argc, char **argv)
{
    if (argc < 3) {
        fprintf (stderr, "usage: eval SOURCE_DIR LIST [show|review]\n");
        return 2;
    }
    char path[4096];
    world_t *self = BR_NEW (world_t);
    bool review = argc > 3 && strcmp (argv[3], "review") == 0;
    self->shown = argc < 4 ? HALVES : review ? HELD_OUT : DEV;
    self->families = families_new (argv[1]);
    br_error_t error = { BR_OK, "" };
    self->rules = guard_rules_new (families_slice (self->families), &error);
    if (!self->rules) {
        fprintf (stderr, "%s\n", error.text);
        return 1;
    }
    snprintf (path, sizeof path, "%s/tests/data/guard/reviewed.txt", argv[1]);
    self->label = label_new (path);
    self->findings = br_alloc (FOUND_MAX, sizeof *self->findings);
    pieces_of_packages (argv[2], s_negative, self);
    size_t packages[HALVES] = { self->pieces[DEV], self->pieces[HELD_OUT] };
    snprintf (path, sizeof path, "%s/tests/data/guard/negatives", argv[1]);
    pieces_of_folder (path, s_negative, self);
    s_samples (self);
    int rc = s_judge (self, packages);
    free (self->findings);
    label_destroy (&self->label);
    guard_rules_destroy (&self->rules);
    families_destroy (&self->families);
    free (self);
    return rc;
}
