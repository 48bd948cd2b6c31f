//  identity: what it costs to know who calls: a token of a Solana account, one of an EVM
//  account and a virtual key verified as the owner of identities does, and one that ingress
//  knows already. The accounts are made for it, in a folder that goes away again.

#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "actors/ingress/ingress_identities.h"
#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "broker/identity/account.h"
#include "broker/identity/keystore.h"
#include "broker/identity/virtual_keys.h"

#define KNOWN 4096 //  credentials that are known while one of them is looked for
#define ROUNDS 15  //  of each row; the median counts
#define VERIFY_AIM_NS 150000.0
#define KNOWN_AIM_NS 5000.0
#define SOLANA "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"
#define BASE "eip155:8453"

static const char s_usage[] = "usage: identity [--seconds N] [--folder DIR]\n"
                              "  --seconds N   for all rows together (1)\n"
                              "  --folder DIR  where keys are made and removed (/tmp)\n";

typedef struct {
    double seconds;
    const char *parent;
    char *folder;
    uint64_t now_s;
    br_keystore_t *keys;
    char *solana; //  tokens, and a key
    char *evm;
    char virtual_key[BR_VIRTUAL_ROOM];
    br_host_t *host;
    ingress_identities_t *known;
    char *credentials[KNOWN];
    size_t next; //  of them
} bench_t;

static void
s_die (const char *what, const char *why)
{
    fprintf (stderr, "identity: %s: %s\n", what, why);
    exit (1);
}

//  CPU time of this thread, ns.
static double
s_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
    return (double) now.tv_sec * 1e9 + (double) now.tv_nsec;
}

//  ---- accounts and keys

static char *
s_sign (const bench_t *bench, const br_account_t *account, const char *chain,
        const char *address, const uint8_t *seed)
{
    br_error_t error;
    char *models[] = { (char[]) { "openai:*" }, (char[]) { "anthropic:claude-*" }, NULL };
    br_claims_t claims = { .iat = bench->now_s, .exp = bench->now_s + 86400 };
    claims.iss = br_account_on (account, chain);
    claims.chain = (char *) (uintptr_t) chain;
    claims.address = (char *) (uintptr_t) address;
    claims.scope = BR_SCOPE_API;
    claims.models = models;
    claims.budgeted = true;
    claims.budget_nusd = 1000000000;
    char *token = br_jwt_sign (&claims, seed, &error);
    if (!token)
        s_die (chain, error.text);
    free (claims.iss);
    return token;
}

static void
s_make_keys (bench_t *bench)
{
    br_error_t error = { .code = BR_OK };
    uint8_t seed[BR_ACCOUNT_SEED_BYTES];
    char *prefix = NULL;
    bench->folder = br_strf ("%s/bench-identity-XXXXXX", bench->parent);
    if (!mkdtemp (bench->folder))
        s_die (bench->folder, "cannot be made");
    if (br_account_generate (bench->folder, &prefix, &error)
        || br_account_seed (bench->folder, prefix, seed, &error))
        s_die (bench->folder, error.text);
    br_accounts_t *accounts = br_accounts_new (bench->folder, NULL, &error);
    const br_account_t *account = accounts ? br_accounts_active (accounts) : NULL;
    if (!account)
        s_die (bench->folder, error.text);
    bench->solana = s_sign (bench, account, SOLANA, account->solana, seed);
    bench->evm = s_sign (bench, account, BASE, account->evm, seed);
    br_virtual_key_t *key = br_virtual_key_new ();
    key->created_s = bench->now_s;
    if (br_virtual_keys_make (bench->folder, key, bench->virtual_key, &error))
        s_die (bench->folder, error.text);
    bench->keys = br_keystore_new (bench->folder, NULL, &error);
    if (!bench->keys)
        s_die (bench->folder, error.text);
    br_virtual_key_destroy (&key);
    br_accounts_destroy (&accounts);
    sodium_memzero (seed, sizeof seed);
    free (prefix);
}

//  ---- what ingress knows

static void
s_on_ask (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) state;
    const struct br_auth_ask *ask = br_msg_fields (msg);
    struct br_auth_told told = { .ticket = ask->ticket, .account = "acme", .key = "k" };
    (void) br_ctx_reply (ctx, msg, BR_AUTH_TOLD, &told, NULL);
}

static void
s_on_told (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    ingress_identities_on_told (state, msg);
}

static void *
s_create_auth (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    return ctx;
}

static void
s_destroy_auth (void **state_p)
{
    *state_p = NULL;
}

static void *
s_create_ingress (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    return ingress_identities_new (ctx);
}

static void
s_destroy_ingress (void **state_p)
{
    ingress_identities_t *known = *state_p;
    ingress_identities_destroy (&known);
    *state_p = NULL;
}

static const br_handler_row_t s_auth_rows[] = { { BR_AUTH_ASK, s_on_ask }, { 0, NULL } };
static const br_handler_row_t s_ingress_rows[] = { { BR_AUTH_TOLD, s_on_told },
                                                   { 0, NULL } };
static const br_actor_t s_auth = { .name = "auth",
                                   .about = "knows everybody",
                                   .role = BR_ROLE_AUTH,
                                   .handlers = s_auth_rows,
                                   .create = s_create_auth,
                                   .destroy = s_destroy_auth };
static const br_actor_t s_ingress = { .name = "ingress",
                                      .about = "asks once",
                                      .role = BR_ROLE_INGRESS,
                                      .handlers = s_ingress_rows,
                                      .create = s_create_ingress,
                                      .destroy = s_destroy_ingress };
static const br_actor_t *const s_kinds[] = { &s_auth, &s_ingress, NULL };

static void
s_nobody_waits (void *arg, ingress_identity_t *identity, const br_error_t *refused)
{
    (void) arg;
    (void) identity;
    (void) refused;
}

//  Texts of a token's length, each told once.
static void
s_learn (bench_t *bench)
{
    br_error_t error = { .code = BR_OK };
    br_host_conf_t conf = { .name = "bench", .actors = s_kinds, .log = { .fd = -1 } };
    conf.clock = br_clock_real ();
    bench->host = br_host_new (&conf, &error);
    if (!bench->host)
        s_die ("host", error.text);
    br_host_set_self (bench->host, 1, 1);
    if (!br_addr_is_set (br_host_start (bench->host, "auth", &error))
        || !br_addr_is_set (br_host_start (bench->host, "ingress", &error)))
        s_die ("host", error.text);
    bench->known = br_host_ctx (bench->host, "ingress")->state;
    for (size_t i = 0; i < KNOWN; i++) {
        char *credential = br_strf ("%s%zu", bench->solana, i);
        bench->credentials[i] = credential;
        if (!ingress_identities_ask (bench->known, credential, s_nobody_waits, NULL,
                                     &error))
            s_die ("a credential", error.text);
        while (br_host_work (bench->host))
            ;
    }
    if (ingress_identities_count (bench->known) != KNOWN)
        s_die ("a credential", "not all are known");
}

//  ---- rows

static void
s_verify (bench_t *bench, const char *credential)
{
    br_error_t error;
    br_identity_t *who = br_keystore_verify (bench->keys, credential, bench->now_s,
                                             &error);
    if (!who)
        s_die ("verify", error.text);
    br_identity_destroy (&who);
}

static void
s_verify_solana (bench_t *bench)
{
    s_verify (bench, bench->solana);
}

static void
s_verify_evm (bench_t *bench)
{
    s_verify (bench, bench->evm);
}

static void
s_verify_virtual (bench_t *bench)
{
    s_verify (bench, bench->virtual_key);
}

static void
s_look (bench_t *bench)
{
    br_error_t error = { .code = BR_OK };
    ingress_identity_t *identity = NULL;
    const char *credential = bench->credentials[bench->next++ % KNOWN];
    if (ingress_identities_look (bench->known, credential, &identity, &error)
        != INGRESS_KNOWN)
        s_die ("look", "what was told is not known");
}

typedef struct {
    const char *name;
    void (*run) (bench_t *bench);
    double aim_ns; //  0 = none
} bench_row_t;

static const bench_row_t s_rows[] = {
    { "verify a token of Solana", s_verify_solana, VERIFY_AIM_NS },
    { "verify a token of an EVM chain", s_verify_evm, VERIFY_AIM_NS },
    { "verify a virtual key", s_verify_virtual, VERIFY_AIM_NS },
    { "a token that is known", s_look, KNOWN_AIM_NS },
};
#define ROWS (sizeof s_rows / sizeof *s_rows)

static int
s_compare (const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

//  The median of the rounds, ns for one.
static double
s_measure (bench_t *bench, const bench_row_t *row)
{
    double round_ns = bench->seconds * 1e9 / (double) ROWS / ROUNDS;
    double rounds[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++) {
        uint64_t count = 0;
        double begin = s_now (), now = begin;
        for (; now - begin < round_ns; now = s_now ())
            for (size_t j = 0; j < 16; j++, count++)
                row->run (bench);
        rounds[i] = (now - begin) / (double) count;
    }
    qsort (rounds, ROUNDS, sizeof *rounds, s_compare);
    return rounds[ROUNDS / 2];
}

//  ---- the program

static void
s_read_options (bench_t *bench, int argc, char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 < argc && strcmp (argv[i], "--seconds") == 0)
            bench->seconds = atof (argv[i + 1]);
        else if (i + 1 < argc && strcmp (argv[i], "--folder") == 0)
            bench->parent = argv[i + 1];
        else {
            fputs (s_usage, stderr);
            exit (2);
        }
    }
}

static int
s_remove (const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void) info;
    (void) type;
    (void) where;
    return remove (path);
}

static void
s_end (bench_t *bench)
{
    br_host_destroy (&bench->host);
    for (size_t i = 0; i < KNOWN; i++)
        free (bench->credentials[i]);
    br_keystore_destroy (&bench->keys);
    free (bench->solana);
    free (bench->evm);
    sodium_memzero (bench->virtual_key, sizeof bench->virtual_key);
    nftw (bench->folder, s_remove, 16, FTW_DEPTH | FTW_PHYS);
    free (bench->folder);
}

int
main (int argc, char **argv)
{
    bench_t bench = { .seconds = 1, .parent = "/tmp" };
    s_read_options (&bench, argc, argv);
    bench.now_s = (uint64_t) time (NULL);
    if (sodium_init () < 0)
        s_die ("libsodium", "cannot be used");
    s_make_keys (&bench);
    s_learn (&bench);
    printf ("%-34s %10s %10s\n", "ns of CPU for one", "median", "aim");
    for (size_t i = 0; i < ROWS; i++)
        printf ("%-34s %10.0f %10.0f\n", s_rows[i].name, s_measure (&bench, &s_rows[i]),
                s_rows[i].aim_ns);
    s_end (&bench);
    return 0;
}
