/*
 * What Signatures calls in OpenSSL's libcrypto: EVP_Digest, EVP_MD_fetch, those of
 * EVP_MD_CTX, RAND_bytes and CRYPTO_memcmp. All are plain functions, so Swift needs no wrapper;
 * this header only picks the three parts of OpenSSL that declare them.
 */
#ifndef COPENSSL_SHIM_H
#define COPENSSL_SHIM_H

#include <openssl/opensslv.h>

/* 1.1 has had no security fixes since September 2023. */
#if OPENSSL_VERSION_NUMBER < 0x30000000L
#error "OpenSSL 3 is needed: libssl-dev of Debian 12 or later, openssl-devel of RHEL 9 or later"
#endif

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#endif
