#pragma once

#include "bytes.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>
#include <string>

namespace aparte {

/** An IPv4 or IPv6 address with a port. */
class SocketAddress {
public:
  SocketAddress() = default;

  /** Nothing for what is no numeric address. */
  static std::optional<SocketAddress> parse(const std::string &ip, std::uint16_t port);
  static SocketAddress of(const sockaddr_storage &storage);

  [[nodiscard]] int family() const { return storage_.ss_family; }
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string ip() const;
  /** 4 or 16 bytes. */
  [[nodiscard]] Bytes ipBytes() const;
  [[nodiscard]] const sockaddr *raw() const { return reinterpret_cast<const sockaddr *>(&storage_); }
  [[nodiscard]] socklen_t rawBytes() const;

  bool operator==(const SocketAddress &other) const;

private:
  sockaddr_storage storage_{};
};

} // namespace aparte
