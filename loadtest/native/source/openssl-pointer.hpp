#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace aparte {

/** Frees what OpenSSL made. */
struct OpenSslDeleter {
  void operator()(BIO *bio) const { BIO_free(bio); }
  void operator()(BIO_METHOD *method) const { BIO_meth_free(method); }
  void operator()(EVP_CIPHER_CTX *context) const { EVP_CIPHER_CTX_free(context); }
  void operator()(EVP_PKEY *key) const { EVP_PKEY_free(key); }
  void operator()(SSL *session) const { SSL_free(session); }
  void operator()(SSL_CTX *context) const { SSL_CTX_free(context); }
  void operator()(X509 *certificate) const { X509_free(certificate); }
};

template <typename Type> using OpenSslPointer = std::unique_ptr<Type, OpenSslDeleter>;

} // namespace aparte
