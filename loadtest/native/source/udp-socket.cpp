#include "udp-socket.hpp"

#include "engine-error.hpp"

#include <netinet/udp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace aparte {

namespace {

constexpr std::size_t maxDatagramBytes = 2048;
/** A burst of key frames of ten senders must fit while the engine does something else. */
constexpr int kernelBufferBytes = 1 << 20;

[[noreturn]] void fail(const std::string &what) {
  throw EngineError("failed", what + ": " + std::strerror(errno));
}

void setOption(int file, int name, int value) {
  setsockopt(file, SOL_SOCKET, name, &value, sizeof value);
}

std::int64_t receiveStampNs(msghdr &header) {
  for (cmsghdr *each = CMSG_FIRSTHDR(&header); each != nullptr; each = CMSG_NXTHDR(&header, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(each), sizeof stamp);
    return static_cast<std::int64_t>(stamp.tv_sec) * nsPerSecond + stamp.tv_nsec;
  }
  return realtimeNs();
}

/** What one reading of a socket takes; datagrams are handled before the next reading. */
struct ReceiveBatch {
  struct Slot {
    std::array<std::uint8_t, maxDatagramBytes> bytes;
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(timespec))> control;
    sockaddr_storage from;
    iovec part;
  };

  std::array<Slot, UdpSocket::maxBatch> slots;
  std::array<mmsghdr, UdpSocket::maxBatch> headers;

  void prepare() {
    for (std::size_t index = 0; index < slots.size(); ++index) {
      Slot &slot = slots[index];
      slot.part = {slot.bytes.data(), slot.bytes.size()};
      msghdr &header = headers[index].msg_hdr;
      header = {};
      header.msg_name = &slot.from;
      header.msg_namelen = sizeof slot.from;
      header.msg_iov = &slot.part;
      header.msg_iovlen = 1;
      header.msg_control = slot.control.data();
      header.msg_controllen = slot.control.size();
    }
  }
};

/**
 * Datagrams of the same length that follow each other go to the kernel as one message, which it cuts
 * again as late as it can (UDP_SEGMENT, Linux 4.18). The last of them may be shorter.
 */
struct SendBatch {
  using Control = std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))>;

  std::array<iovec, UdpSocket::maxBatch> parts;
  std::array<mmsghdr, UdpSocket::maxBatch> headers;
  alignas(cmsghdr) std::array<Control, UdpSocket::maxBatch> controls;
  unsigned messages;

  void prepare(std::span<const Bytes> datagrams, bool joins) {
    messages = 0;
    for (std::size_t at = 0; at < datagrams.size();) {
      const std::size_t count = joins ? runAt(datagrams.subspan(at)) : 1;
      for (std::size_t index = at; index < at + count; ++index) {
        parts[index] = {const_cast<std::uint8_t *>(datagrams[index].data()), datagrams[index].size()};
      }
      msghdr &header = headers[messages].msg_hdr;
      header = {};
      header.msg_iov = &parts[at];
      header.msg_iovlen = count;
      if (count > 1) cutInto(datagrams[at].size(), header, controls[messages]);
      ++messages;
      at += count;
    }
  }

  [[nodiscard]] std::size_t datagramsOf(std::size_t sent) const {
    std::size_t datagrams = 0;
    for (std::size_t index = 0; index < sent; ++index) datagrams += headers[index].msg_hdr.msg_iovlen;
    return datagrams;
  }

private:
  static std::size_t runAt(std::span<const Bytes> datagrams) {
    const std::size_t length = datagrams.front().size();
    std::size_t count = 1;
    while (count < datagrams.size() && datagrams[count].size() == length) ++count;
    return count < datagrams.size() && datagrams[count].size() < length ? count + 1 : count;
  }

  static void cutInto(std::size_t length, msghdr &header, Control &control) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr *const message = CMSG_FIRSTHDR(&header);
    message->cmsg_level = SOL_UDP;
    message->cmsg_type = UDP_SEGMENT;
    message->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto segment = static_cast<std::uint16_t>(length);
    std::memcpy(CMSG_DATA(message), &segment, sizeof segment);
  }
};

} // namespace

UdpSocket::UdpSocket(EventLoop &loop, const SocketAddress &local, OnDatagram onDatagram)
    : loop_(loop), file_(socket(local.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      onDatagram_(std::move(onDatagram)) {
  if (file_.number() < 0) fail("a socket can't be opened");
  if (bind(file_.number(), local.raw(), local.rawBytes()) != 0) fail("can't bind to " + local.ip());
  setOption(file_.number(), SO_RCVBUF, kernelBufferBytes);
  setOption(file_.number(), SO_SNDBUF, kernelBufferBytes);
  setOption(file_.number(), SO_TIMESTAMPNS, 1);
  loop_.watch(file_.number(), *this);
}

UdpSocket::~UdpSocket() { loop_.unwatch(file_.number()); }

SocketAddress UdpSocket::localAddress() const {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  getsockname(file_.number(), reinterpret_cast<sockaddr *>(&storage), &length);
  return SocketAddress::of(storage);
}

void UdpSocket::connect(const SocketAddress &remote) {
  if (::connect(file_.number(), remote.raw(), remote.rawBytes()) != 0) fail("no way to " + remote.ip());
  connected_ = true;
}

bool UdpSocket::sendTo(Bytes bytes, const SocketAddress &remote) {
  const sockaddr *const to = connected_ ? nullptr : remote.raw();
  const socklen_t length = connected_ ? 0 : remote.rawBytes();
  return sendto(file_.number(), bytes.data(), bytes.size(), 0, to, length) >= 0;
}

std::size_t UdpSocket::send(std::span<const Bytes> datagrams) {
  SendBatch batch;
  batch.prepare(datagrams.first(std::min(datagrams.size(), maxBatch)), joins_);
  // Twice, because a refusal that an earlier datagram met is told at the next one's cost.
  for (int attempt = 0; attempt < 2; ++attempt) {
    const int sent = sendmmsg(file_.number(), batch.headers.data(), batch.messages, 0);
    if (sent > 0) return batch.datagramsOf(static_cast<std::size_t>(sent));
    // A way that can't cut messages into datagrams: EIO without checksums by the device, EINVAL and
    // EMSGSIZE where its packets are smaller.
    if (!joins_ || (errno != EIO && errno != EINVAL && errno != EMSGSIZE)) continue;
    joins_ = false;
    batch.prepare(datagrams.first(std::min(datagrams.size(), maxBatch)), joins_);
  }
  return 0;
}

void UdpSocket::onReadable() {
  thread_local ReceiveBatch batch;
  batch.prepare();
  const int count = recvmmsg(file_.number(), batch.headers.data(), maxBatch, 0, nullptr);
  for (int index = 0; index < count; ++index) {
    const auto at = static_cast<std::size_t>(index);
    auto &slot = batch.slots[at];
    msghdr &header = batch.headers[at].msg_hdr;
    // What is larger than any packet of a call isn't one.
    if ((header.msg_flags & MSG_TRUNC) != 0) continue;
    Datagram datagram{MutableBytes(slot.bytes).first(batch.headers[at].msg_len),
                      SocketAddress::of(slot.from), receiveStampNs(header)};
    onDatagram_(datagram);
  }
}

} // namespace aparte
