#include "check.hpp"

#include <nlohmann/json.hpp>
#include <srtp2/srtp.h>

#include <fstream>

namespace {

using aparte::test::Json;
using aparte::test::Tests;

Json readVectors(const std::string &folder, const std::string &name) {
  std::ifstream input(folder + "/" + name);
  if (!input) throw std::runtime_error("no file " + name + " in " + folder);
  return Json::parse(input);
}

} // namespace

/** `aparte-load-engine-tests FOLDER-OF-VECTORS` prints a line a test in the Test Anything Protocol. */
int main(int argc, char **argv) {
  if (argc != 2) {
    std::cerr << "usage: aparte-load-engine-tests FOLDER-OF-VECTORS\n";
    return 2;
  }
  srtp_init();
  const std::string folder(argv[1]);
  Tests all;
  for (const Tests &each : {aparte::test::stunTests(readVectors(folder, "stun-rfc5769.json")),
                            aparte::test::sframeTests(readVectors(folder, "sframe.json")),
                            aparte::test::audioPayloadTests(), aparte::test::vp8Tests(),
                            aparte::test::rtcpTests(), aparte::test::histogramTests(),
                            aparte::test::srtpTests(), aparte::test::gcmTests(),
                            aparte::test::lossTests(), aparte::test::heldTests(),
                            aparte::test::historyTests(), aparte::test::hostileTests()}) {
    all.insert(all.end(), each.begin(), each.end());
  }
  int failed = 0;
  std::cout << "1.." << all.size() << '\n';
  for (std::size_t index = 0; index < all.size(); ++index) {
    std::string problem;
    try {
      all[index].run();
    } catch (const std::exception &error) {
      problem = error.what();
      ++failed;
    }
    std::cout << (problem.empty() ? "ok " : "not ok ") << index + 1 << " - " << all[index].name << '\n';
    if (!problem.empty()) std::cout << "# " << problem << '\n';
  }
  srtp_shutdown();
  return failed == 0 ? 0 : 1;
}
