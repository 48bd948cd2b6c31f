//  peer_cert: a certificate for tests, made on the spot: self-signed, its own authority,
//  for 127.0.0.1, valid for a day.

#ifndef TESTS_PEER_CERT_H
#define TESTS_PEER_CERT_H

//  Writes two PEM files. Asserts instead of failing.
void peer_cert_write (const char *cert_file, const char *key_file);

#endif
