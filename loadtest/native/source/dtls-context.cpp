#include "dtls-context.hpp"

#include "bytes.hpp"
#include "digest.hpp"
#include "engine-error.hpp"

#include <openssl/x509v3.h>

#include <array>
#include <functional>

namespace aparte {

namespace {

constexpr long certificateLifetimeS = 30L * 24 * 3600;

void require(bool succeeded, const char *what) {
  if (!succeeded) throw EngineError("failed", std::string("OpenSSL: no ") + what);
}

OpenSslPointer<X509> selfSigned(EVP_PKEY &key) {
  OpenSslPointer<X509> certificate(X509_new());
  require(certificate != nullptr, "certificate");
  X509 *const raw = certificate.get();
  X509_set_version(raw, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(raw), static_cast<long>(randomNumber() >> 1));
  X509_gmtime_adj(X509_getm_notBefore(raw), -24L * 3600);
  X509_gmtime_adj(X509_getm_notAfter(raw), certificateLifetimeS);
  X509_set_pubkey(raw, &key);
  X509_NAME *const name = X509_get_subject_name(raw);
  const auto text = bytesOf("WebRTC");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text.data(), static_cast<int>(text.size()), -1, 0);
  X509_set_issuer_name(raw, name);
  require(X509_sign(raw, &key, EVP_sha256()) > 0, "signature");
  return certificate;
}

std::string offered(const std::vector<SrtpProfile> &profiles) {
  std::string list;
  for (const SrtpProfile &profile : profiles) {
    if (!list.empty()) list.push_back(':');
    list.append(profile.openSslName);
  }
  return list;
}

/** Hands each record flight to the session as one datagram; its `std::function` is the BIO's data. */
int writeDatagram(BIO *bio, const char *bytes, int length) {
  auto *const send = static_cast<std::function<void(Bytes)> *>(BIO_get_data(bio));
  (*send)(bytesOf({bytes, static_cast<std::size_t>(length)}));
  return length;
}

/** What isn't known is 0: to a bit of OpenSSL's kernel TLS anything else means yes. */
long controlDatagrams(BIO *, int command, long, void *) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

/** Each peer's certificate is self-signed: `DtlsSession` compares its fingerprint. */
int acceptAnyCertificate(int, X509_STORE_CTX *) { return 1; }

} // namespace

DtlsContext::DtlsContext(const std::vector<SrtpProfile> &profiles)
    : context_(SSL_CTX_new(DTLS_method())),
      method_(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "aparte datagrams")) {
  require(context_ != nullptr && method_ != nullptr, "context");
  const OpenSslPointer<EVP_PKEY> key(EVP_EC_gen("P-256"));
  require(key != nullptr, "key");
  const auto certificate = selfSigned(*key);
  fingerprint_ = certificateFingerprint(*certificate, "sha-256");
  SSL_CTX *const raw = context_.get();
  SSL_CTX_set_min_proto_version(raw, DTLS1_2_VERSION);
  require(SSL_CTX_use_certificate(raw, certificate.get()) == 1, "use of the certificate");
  require(SSL_CTX_use_PrivateKey(raw, key.get()) == 1, "use of the key");
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, acceptAnyCertificate);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  // 0 is success, unlike elsewhere in OpenSSL.
  require(SSL_CTX_set_tlsext_use_srtp(raw, offered(profiles).c_str()) == 0, "SRTP profile");
  BIO_meth_set_write(method_.get(), writeDatagram);
  BIO_meth_set_ctrl(method_.get(), controlDatagrams);
}

std::string certificateFingerprint(const X509 &certificate, const std::string &algorithm) {
  std::string name = algorithm;
  std::erase(name, '-');
  const EVP_MD *const digest = EVP_get_digestbyname(name.c_str());
  if (digest == nullptr) return {};
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> bytes{};
  unsigned length = 0;
  if (X509_digest(&certificate, digest, bytes.data(), &length) != 1) return {};
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (unsigned index = 0; index < length; ++index) {
    if (index > 0) text.push_back(':');
    text.push_back(digits[bytes[index] >> 4]);
    text.push_back(digits[bytes[index] & 0xf]);
  }
  return text;
}

} // namespace aparte
