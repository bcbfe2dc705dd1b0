#pragma once

#include "openssl-pointer.hpp"
#include "srtp-profile.hpp"

#include <string>
#include <vector>

namespace aparte {

/** What all handshakes of the engine share: a certificate of its own, and what is offered. */
class DtlsContext {
public:
  /** The profiles in order of preference; throws `EngineError` with `failed`. */
  explicit DtlsContext(const std::vector<SrtpProfile> &profiles);

  /** SHA-256 of the certificate as RFC 8122 section 5 writes it. */
  [[nodiscard]] const std::string &fingerprint() const { return fingerprint_; }
  [[nodiscard]] SSL_CTX *context() const { return context_.get(); }
  [[nodiscard]] BIO_METHOD *datagramMethod() const { return method_.get(); }

private:
  OpenSslPointer<SSL_CTX> context_;
  OpenSslPointer<BIO_METHOD> method_;
  std::string fingerprint_;
};

/** `algorithm` as in RFC 8122 (`sha-256`); empty for one that OpenSSL doesn't know. */
std::string certificateFingerprint(const X509 &certificate, const std::string &algorithm);

} // namespace aparte
