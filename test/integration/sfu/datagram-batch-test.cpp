// Sends over loopback what a worker might, and compares what arrives with what was sent.
#include "datagram-batch.hpp"

#include <arpa/inet.h>
#include <unistd.h>

#include <cstring>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using aparte::BatchedDatagram;
using aparte::DatagramBatch;
using aparte::OnSent;
using Buffer = std::vector<std::uint8_t>;

void check(bool holds, const std::string &what) {
  if (!holds) throw std::runtime_error(what);
}

class Socket {
public:
  explicit Socket(int family) : file_(socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    check(file_ >= 0, "a socket opens");
    sockaddr_storage local{};
    local.ss_family = static_cast<sa_family_t>(family);
    auto *const address = reinterpret_cast<sockaddr *>(&local);
    if (family == AF_INET) {
      reinterpret_cast<sockaddr_in *>(&local)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
      reinterpret_cast<sockaddr_in6 *>(&local)->sin6_addr = in6addr_loopback;
    }
    check(bind(file_, address, sizeof local) == 0, "a socket is bound");
    const int bufferBytes = 1 << 20;
    setsockopt(file_, SOL_SOCKET, SO_RCVBUF, &bufferBytes, sizeof bufferBytes);
    socklen_t length = sizeof address_;
    check(getsockname(file_, reinterpret_cast<sockaddr *>(&address_), &length) == 0, "a socket has a name");
  }
  Socket(const Socket &) = delete;
  Socket &operator=(const Socket &) = delete;
  ~Socket() { close(file_); }

  [[nodiscard]] int file() const { return file_; }
  [[nodiscard]] const sockaddr *address() const { return reinterpret_cast<const sockaddr *>(&address_); }

  std::vector<Buffer> received() {
    std::vector<Buffer> all;
    for (;;) {
      Buffer datagram(65'536);
      const ssize_t length = recv(file_, datagram.data(), datagram.size(), 0);
      if (length < 0) return all;
      datagram.resize(static_cast<std::size_t>(length));
      all.push_back(std::move(datagram));
    }
  }

private:
  int file_;
  sockaddr_storage address_{};
};

/** What was told of a datagram. */
struct Told {
  int taken = 0;
  int refused = 0;
};

OnSent *teller(Told &told) {
  return new OnSent([&told](bool sent) { ++(sent ? told.taken : told.refused); });
}

void refuse(const BatchedDatagram &datagram) {
  (*datagram.onSent)(false);
  delete datagram.onSent;
}

std::mt19937 &randomness() {
  static std::mt19937 engine(20'261'123); // NOLINT: the same in each run
  return engine;
}

std::size_t below(std::size_t bound) { return randomness()() % bound; }

Buffer randomBytes(std::size_t length) {
  Buffer bytes(length);
  for (std::uint8_t &byte : bytes) byte = static_cast<std::uint8_t>(randomness()());
  return bytes;
}

/** Random batches to many: each gets its own, whole and in order. */
void arrivesInOrder(int family) {
  constexpr std::size_t receivers = 40;
  constexpr std::array<std::size_t, 5> lengths{1, 90, 931, 932, DatagramBatch::maxDatagramBytes};
  Socket sender(family);
  std::vector<std::unique_ptr<Socket>> sockets;
  while (sockets.size() < receivers) sockets.push_back(std::make_unique<Socket>(family));
  DatagramBatch batch;
  for (int round = 0; round < 200; ++round) {
    std::vector<std::vector<Buffer>> sent(receivers);
    Told told;
    const std::size_t count = 1 + below(DatagramBatch::maxDatagrams);
    // Now and then nearly all to one, which is more than one message may hold.
    const std::size_t to = round % 10 == 0 ? 1 : receivers;
    std::size_t bytes = 0;
    for (std::size_t index = 0; index < count; ++index) {
      const std::size_t receiver = below(to);
      const Buffer datagram = randomBytes(lengths[below(lengths.size())]);
      check(batch.add({datagram, sockets[receiver]->address(), teller(told)}), "there is room");
      bytes += datagram.size();
      sent[receiver].push_back(datagram);
    }
    check(batch.send(sender.file(), refuse) == bytes, "all bytes are counted");
    check(batch.isEmpty(), "nothing is left");
    check(told.taken == static_cast<int>(count) && told.refused == 0, "each is told once");
    for (std::size_t receiver = 0; receiver < receivers; ++receiver) {
      check(sockets[receiver]->received() == sent[receiver], "the same datagrams in the same order");
    }
  }
}

void hasBounds() {
  const Socket receiver(AF_INET);
  DatagramBatch batch;
  Told told;
  const Buffer long1(DatagramBatch::maxDatagramBytes + 1);
  check(!batch.add({long1, receiver.address(), nullptr}), "too long a datagram has no room");
  check(batch.isEmpty(), "and isn't there");
  for (std::size_t index = 0; index < DatagramBatch::maxDatagrams; ++index) {
    check(batch.add({std::span(long1).first(10), receiver.address(), teller(told)}), "there is room");
  }
  check(!batch.add({std::span(long1).first(10), receiver.address(), nullptr}), "a full batch has none");
  check(batch.send(-1, refuse) == 0, "no socket takes nothing");
  check(told.refused == static_cast<int>(DatagramBatch::maxDatagrams), "each is refused once");
}

/** An address that the kernel refuses costs its own datagrams alone. */
void refusesOne() {
  Socket sender(AF_INET);
  Socket receiver(AF_INET);
  DatagramBatch batch;
  sockaddr_in nowhere{};
  nowhere.sin_family = AF_INET;
  nowhere.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int round = 0; round < 3; ++round) {
    Told bad;
    Told good;
    const Buffer bytes = randomBytes(104);
    std::vector<std::size_t> refused;
    for (std::size_t index = 0; index < 4; ++index) {
      // Each longer than the one before, so that each is a message.
      const auto longer = std::span(bytes).first(101 + index);
      batch.add({longer, reinterpret_cast<const sockaddr *>(&nowhere), teller(bad)});
      batch.add({std::span(bytes).first(100), receiver.address(), teller(good)});
    }
    const auto sent = batch.send(sender.file(), [&refused](const BatchedDatagram &datagram) {
      refused.push_back(datagram.bytes.size());
      refuse(datagram);
    });
    check(sent == 400, "those of the other address have gone");
    check(bad.refused == 4 && bad.taken == 0, "port 0 is refused");
    check(refused == std::vector<std::size_t>{101, 102, 103, 104}, "in order");
    check(good.taken == 4 && good.refused == 0, "the other address isn't");
    check(receiver.received().size() == 4, "they have arrived");
  }
}

} // namespace

int main() {
  const std::vector<std::pair<std::string, std::function<void()>>> tests{
      {"over IPv4 all arrives in order", [] { arrivesInOrder(AF_INET); }},
      {"over IPv6 all arrives in order", [] { arrivesInOrder(AF_INET6); }},
      {"a batch has bounds", hasBounds},
      {"an address that is refused costs no other", refusesOne},
  };
  int failed = 0;
  for (const auto &[name, run] : tests) {
    try {
      run();
      std::cout << "ok " << name << "\n";
    } catch (const std::exception &error) {
      std::cout << "not ok " << name << ": " << error.what() << "\n";
      ++failed;
    }
  }
  return failed == 0 ? 0 : 1;
}
