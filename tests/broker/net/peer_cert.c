//  peer_cert: a certificate for tests.

#include <assert.h>
#include <stdio.h>
#include <time.h>
#include <arpa/inet.h>
#include <gnutls/x509.h>

#include "tests/broker/net/peer_cert.h"

static void
s_write (const char *file, const gnutls_datum_t *text)
{
    FILE *out = fopen (file, "w");
    assert (out);
    size_t size = fwrite (text->data, 1, text->size, out);
    assert (size == text->size);
    fclose (out);
}

static void
s_describe (gnutls_x509_crt_t cert)
{
    unsigned char serial = 1;
    struct in_addr address = { .s_addr = htonl (INADDR_LOOPBACK) };
    gnutls_x509_crt_set_version (cert, 3);
    gnutls_x509_crt_set_serial (cert, &serial, sizeof serial);
    gnutls_x509_crt_set_activation_time (cert, time (NULL) - 3600);
    gnutls_x509_crt_set_expiration_time (cert, time (NULL) + 86400);
    gnutls_x509_crt_set_dn_by_oid (cert, GNUTLS_OID_X520_COMMON_NAME, 0, "peer", 4);
    gnutls_x509_crt_set_basic_constraints (cert, 1, -1);
    gnutls_x509_crt_set_subject_alt_name (cert, GNUTLS_SAN_IPADDRESS, &address,
                                          sizeof address, GNUTLS_FSAN_SET);
}

void
peer_cert_write (const char *cert_file, const char *key_file)
{
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t cert;
    gnutls_x509_privkey_init (&key);
    gnutls_x509_crt_init (&cert);
    int rc = gnutls_x509_privkey_generate (
        key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0);
    assert (rc == 0);
    s_describe (cert);
    gnutls_x509_crt_set_key (cert, key);
    rc = gnutls_x509_crt_sign2 (cert, cert, key, GNUTLS_DIG_SHA256, 0);
    assert (rc == 0);
    gnutls_datum_t text;
    gnutls_x509_crt_export2 (cert, GNUTLS_X509_FMT_PEM, &text);
    s_write (cert_file, &text);
    gnutls_free (text.data);
    gnutls_x509_privkey_export2 (key, GNUTLS_X509_FMT_PEM, &text);
    s_write (key_file, &text);
    gnutls_free (text.data);
    gnutls_x509_crt_deinit (cert);
    gnutls_x509_privkey_deinit (key);
}
