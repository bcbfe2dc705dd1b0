#include "engine.hpp"
#include "line-reader.hpp"
#include "line-writer.hpp"

#include <csignal>
#include <iostream>

#include <unistd.h>

namespace aparte {
namespace {

std::string failure(const Json &id, const std::string &code, const std::string &message) {
  const Json answer{{"id", id}, {"error", {{"code", code}, {"message", message}}}};
  return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/** The answer to one line. Whatever the line is, the engine goes on. */
std::string answer(Engine &engine, const std::string &line) {
  Json id = nullptr;
  try {
    const Json request = Json::parse(line);
    Fields fields(request, "request");
    id = fields.whole<std::uint64_t>("id");
    const std::string command = fields.text("command");
    const Json input = request.value("input", Json::object());
    fields.ignore("input");
    fields.finish();
    return Json{{"id", id}, {"data", engine.execute(command, input)}}.dump();
  } catch (const EngineError &error) {
    return failure(id, error.code(), error.what());
  } catch (const Json::exception &error) {
    return failure(id, "bad-input", error.what());
  } catch (const std::exception &error) {
    return failure(id, "failed", error.what());
  }
}

int run() {
  // A pipe that nobody reads is told of by the writing itself.
  std::signal(SIGPIPE, SIG_IGN);
  EventLoop loop;
  LineWriter output(loop, STDOUT_FILENO);
  Engine engine(loop, [&](const std::string &name, Json data) {
    output.write(Json{{"event", name}, {"data", std::move(data)}}.dump());
  });
  LineReader input(loop, STDIN_FILENO);
  while (!input.isOver() && !output.isOver()) {
    loop.turn();
    // Between two turns, when no handler is at work that a command could end.
    while (const auto line = input.next()) output.write(answer(engine, *line));
  }
  return 0;
}

} // namespace
} // namespace aparte

int main(int argc, char **argv) {
  try {
    if (argc == 1) return aparte::run();
    if (argc == 2 && std::string_view(argv[1]) == "--version") {
      std::cout << "aparte-load-engine " << aparte::engineVersion << '\n';
      return 0;
    }
    std::cerr << "usage: aparte-load-engine [--version]\n";
    return 2;
  } catch (const std::exception &error) {
    std::cerr << "aparte-load-engine: " << error.what() << '\n';
    return 1;
  }
}
