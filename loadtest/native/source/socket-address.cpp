#include "socket-address.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace aparte {

namespace {

template <typename Raw> const Raw &as(const sockaddr_storage &storage) {
  return reinterpret_cast<const Raw &>(storage);
}

} // namespace

std::optional<SocketAddress> SocketAddress::parse(const std::string &ip, std::uint16_t port) {
  SocketAddress address;
  auto &four = reinterpret_cast<sockaddr_in &>(address.storage_);
  if (inet_pton(AF_INET, ip.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    return address;
  }
  auto &six = reinterpret_cast<sockaddr_in6 &>(address.storage_);
  if (inet_pton(AF_INET6, ip.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    return address;
  }
  return std::nullopt;
}

SocketAddress SocketAddress::of(const sockaddr_storage &storage) {
  SocketAddress address;
  address.storage_ = storage;
  return address;
}

std::uint16_t SocketAddress::port() const {
  return ntohs(family() == AF_INET6 ? as<sockaddr_in6>(storage_).sin6_port
                                    : as<sockaddr_in>(storage_).sin_port);
}

std::string SocketAddress::ip() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family(), ipBytes().data(), text.data(), text.size());
  return text.data();
}

Bytes SocketAddress::ipBytes() const {
  if (family() == AF_INET6) {
    return {reinterpret_cast<const std::uint8_t *>(&as<sockaddr_in6>(storage_).sin6_addr), 16};
  }
  return {reinterpret_cast<const std::uint8_t *>(&as<sockaddr_in>(storage_).sin_addr), 4};
}

socklen_t SocketAddress::rawBytes() const {
  return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

bool SocketAddress::operator==(const SocketAddress &other) const {
  return family() == other.family() && port() == other.port() &&
         std::ranges::equal(ipBytes(), other.ipBytes());
}

} // namespace aparte
