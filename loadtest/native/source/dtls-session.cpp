#include "dtls-session.hpp"

#include "engine-error.hpp"

#include <openssl/err.h>

#include <sys/time.h>

#include <algorithm>
#include <array>

namespace aparte {

namespace {

/** Below what any network carries, with what a relay adds. */
constexpr long maxDatagramBytes = 1200;
constexpr std::string_view exporterLabel = "EXTRACTOR-dtls_srtp";
/**
 * As browsers have them, who want to be connected: OpenSSL's own first one is RFC 6347's second
 * (section 4.2.4.1), and four lost datagrams would take fifteen.
 */
constexpr unsigned firstTimeoutUs = 50'000;
constexpr unsigned longestTimeoutUs = 3'000'000;

/** How long to wait for an answer after having waited `lastUs` in vain; 0 at first. */
unsigned nextTimeoutUs(SSL * /* session */, unsigned lastUs) {
  return lastUs == 0 ? firstTimeoutUs : std::min(2 * lastUs, longestTimeoutUs);
}

bool equalIgnoringCase(std::string_view one, std::string_view other) {
  const auto lower = [](char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character + 32) : character;
  };
  return std::ranges::equal(one, other, {}, lower, lower);
}

std::string lastOpenSslError() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

} // namespace

DtlsSession::DtlsSession(DtlsContext &context, TimerQueue &timers, Role role,
                         std::vector<Fingerprint> expected, Listeners listeners)
    : role_(role), expected_(std::move(expected)), listeners_(std::move(listeners)),
      session_(SSL_new(context.context())), retransmission_(timers, [this](std::int64_t) {
        DTLSv1_handle_timeout(session_.get());
        advance();
      }) {
  OpenSslPointer<BIO> input(BIO_new(BIO_s_mem()));
  OpenSslPointer<BIO> output(BIO_new(context.datagramMethod()));
  if (session_ == nullptr || input == nullptr || output == nullptr) {
    throw EngineError("failed", "OpenSSL: no session");
  }
  BIO_set_mem_eof_return(input.get(), -1);
  BIO_set_data(output.get(), &listeners_.send);
  BIO_set_init(output.get(), 1);
  SSL_set_bio(session_.get(), input.release(), output.release());
  SSL_set_options(session_.get(), SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET);
  SSL_set_mtu(session_.get(), maxDatagramBytes);
  DTLS_set_timer_cb(session_.get(), nextTimeoutUs);
  if (role == Role::client) SSL_set_connect_state(session_.get());
  else SSL_set_accept_state(session_.get());
}

void DtlsSession::start() {
  if (role_ == Role::client) advance();
}

void DtlsSession::receive(Bytes datagram) {
  if (isOver_) return;
  BIO_write(SSL_get_rbio(session_.get()), datagram.data(), static_cast<int>(datagram.size()));
  advance();
}

void DtlsSession::advance() {
  if (isOver_) return;
  ERR_clear_error();
  std::array<std::uint8_t, 2048> ignored;
  const int result = isConnected_ ? SSL_read(session_.get(), ignored.data(), ignored.size())
                                  : SSL_do_handshake(session_.get());
  if (result <= 0) {
    const int error = SSL_get_error(session_.get(), result);
    if (error == SSL_ERROR_ZERO_RETURN) return fail("the peer closed DTLS");
    if (error == SSL_ERROR_SSL) return fail("DTLS: " + lastOpenSslError());
  }
  if (isConnected_) return;
  if (SSL_is_init_finished(session_.get()) == 1) return finish();
  timeval timeout{};
  if (DTLSv1_get_timeout(session_.get(), &timeout) == 1) {
    const std::int64_t waitNs = timeout.tv_sec * nsPerSecond + timeout.tv_usec * nsPerUs;
    retransmission_.schedule(monotonicNs() + waitNs);
  }
}

bool DtlsSession::isExpectedPeer() const {
  const OpenSslPointer<X509> certificate(SSL_get1_peer_certificate(session_.get()));
  if (certificate == nullptr) return false;
  // Any of those announced, RFC 8122 section 5.
  return std::ranges::any_of(expected_, [&](const Fingerprint &announced) {
    const std::string actual = certificateFingerprint(*certificate, announced.algorithm);
    return !actual.empty() && equalIgnoringCase(actual, announced.value);
  });
}

void DtlsSession::finish() {
  isConnected_ = true;
  retransmission_.cancel();
  if (!isExpectedPeer()) return fail("the peer's certificate isn't the announced one");
  const SRTP_PROTECTION_PROFILE *const selected = SSL_get_selected_srtp_profile(session_.get());
  const auto profile =
      selected == nullptr ? std::nullopt : findSrtpProfileByOpenSslName(selected->name);
  if (!profile) return fail("no SRTP profile in common");
  const std::size_t keyBytes = profile->keyBytes;
  const std::size_t saltBytes = profile->saltBytes;
  Buffer material(2 * (keyBytes + saltBytes));
  if (SSL_export_keying_material(session_.get(), material.data(), material.size(),
                                 exporterLabel.data(), exporterLabel.size(), nullptr, 0, 0) != 1) {
    return fail("DTLS: no keying material");
  }
  // Client's key, server's key, client's salt, server's salt.
  const auto part = [&](std::size_t side) {
    const Bytes all = material;
    Buffer both;
    append(both, all.subspan(side * keyBytes, keyBytes));
    append(both, all.subspan(2 * keyBytes + side * saltBytes, saltBytes));
    return both;
  };
  const std::size_t ownSide = role_ == Role::client ? 0 : 1;
  listeners_.connected({*profile, part(ownSide), part(1 - ownSide)});
}

void DtlsSession::fail(const std::string &reason) {
  isOver_ = true;
  retransmission_.cancel();
  listeners_.failed(reason);
}

} // namespace aparte
