//  ledger_signer: the key of this node.

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_signer.h"

#define SEED 32 //  bytes

struct _ledger_signer_t {
    uint8_t key[LEDGER_PUBLIC_KEY];
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
};

static int
s_refuse (const char *path, const char *why, br_error_t *reterr)
{
    return br_error_set (reterr, BR_ECONFIG, "node key %.256s: %s", path, why);
}

static int
s_read (const char *path, uint8_t seed[SEED], br_error_t *reterr)
{
    uint8_t bytes[SEED + 1];
    struct stat info;
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return s_refuse (path, strerror (errno), reterr);
    int rc = fstat (fd, &info);
    ssize_t size = read (fd, bytes, sizeof bytes);
    close (fd);
    if (rc == 0 && (info.st_mode & 077))
        rc = s_refuse (path, "others may read it: chmod 600", reterr);
    else if (size != SEED)
        rc = s_refuse (path, "it does not hold a seed of 32 bytes", reterr);
    if (rc == 0)
        memcpy (seed, bytes, SEED);
    sodium_memzero (bytes, sizeof bytes);
    return rc;
}

static void
s_make_folder (const char *path)
{
    char *folder = br_strdup (path);
    char *slash = strrchr (folder, '/');
    if (slash && slash != folder) {
        *slash = '\0';
        (void) mkdir (folder, 0700); //  what is wrong with it is told by the open
    }
    free (folder);
}

//  Written whole and linked: of two who make it at the same time one wins.
static int
s_make (const char *path, br_error_t *reterr)
{
    uint8_t seed[SEED];
    s_make_folder (path);
    char *fresh = br_strf ("%s.%ld", path, (long) getpid ());
    unlink (fresh);
    int fd = open (fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int rc = fd < 0 ? -1 : 0;
    if (rc == 0) {
        randombytes_buf (seed, sizeof seed);
        rc = write (fd, seed, sizeof seed) == sizeof seed ? fsync (fd) : -1;
        sodium_memzero (seed, sizeof seed);
        close (fd);
    }
    if (rc == 0 && link (fresh, path) && errno != EEXIST)
        rc = -1;
    if (rc)
        s_refuse (path, strerror (errno), reterr);
    unlink (fresh);
    free (fresh);
    return rc;
}

static int
s_load (const char *path, bool may_make, uint8_t seed[SEED], br_error_t *reterr)
{
    if (sodium_init () < 0)
        return s_refuse (path, "libsodium does not start", reterr);
    if (may_make && access (path, F_OK) && s_make (path, reterr))
        return -1;
    return s_read (path, seed, reterr);
}

ledger_signer_t *
ledger_signer_new (const char *path, br_error_t *reterr)
{
    uint8_t seed[SEED];
    if (s_load (path, true, seed, reterr))
        return NULL;
    ledger_signer_t *self = BR_NEW (ledger_signer_t);
    crypto_sign_seed_keypair (self->key, self->secret, seed);
    sodium_memzero (seed, sizeof seed);
    return self;
}

void
ledger_signer_destroy (ledger_signer_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    sodium_memzero (*self_p, sizeof **self_p);
    free (*self_p);
    *self_p = NULL;
}

int
ledger_signer_look (const char *path, uint8_t ret_key[LEDGER_PUBLIC_KEY],
                    br_error_t *reterr)
{
    uint8_t seed[SEED];
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    if (s_load (path, false, seed, reterr))
        return -1;
    crypto_sign_seed_keypair (ret_key, secret, seed);
    sodium_memzero (seed, sizeof seed);
    sodium_memzero (secret, sizeof secret);
    return 0;
}

const uint8_t *
ledger_signer_key (const ledger_signer_t *self)
{
    return self->key;
}

void
ledger_signer_sign (const ledger_signer_t *self, const void *bytes, size_t size,
                    uint8_t ret_signature[LEDGER_SIGNATURE])
{
    crypto_sign_detached (ret_signature, NULL, bytes, size, self->secret);
}
