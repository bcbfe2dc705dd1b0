/**
 * What is compiled: which sources, and how.
 *
 * @typedef {object} Variant
 * @property {string} program its file name
 * @property {readonly string[]} folders under `loadtest/native`
 * @property {readonly string[]} leftOut names of files in `source`
 * @property {readonly string[]} flags
 */

/** All that g++ can find without false alarms; each is an error. */
const warnings = [
  "-Wall",
  "-Wextra",
  "-Wpedantic",
  "-Werror",
  "-Wshadow",
  "-Wconversion",
  "-Wsign-conversion",
  "-Wold-style-cast",
  "-Wnon-virtual-dtor",
  "-Woverloaded-virtual",
  "-Wduplicated-cond",
  "-Wduplicated-branches",
  "-Wlogical-op",
  "-Wformat=2",
  "-Wcast-align",
  "-Wundef",
];

/** The distribution's own for what faces a network. */
const hardening = ["-D_FORTIFY_SOURCE=2", "-fstack-protector-strong", "-fPIE", "-pie"];

/** @type {Variant} */
export const releaseVariant = {
  program: "aparte-load-engine",
  folders: ["source"],
  leftOut: [],
  flags: ["-std=c++20", "-O2", ...warnings, ...hardening],
};

/**
 * The unit tests, which end at the first wrong access and the first undefined operation.
 *
 * @type {Variant}
 */
export const testVariant = {
  program: "aparte-load-engine-tests",
  folders: ["source", "tests"],
  // What needs sockets and a peer is tested against a real SFU.
  leftOut: [
    "command-input.cpp",
    "direct-path.cpp",
    "engine.cpp",
    "event-loop.cpp",
    "fields.cpp",
    "ice-agent.cpp",
    "line-reader.cpp",
    "line-writer.cpp",
    "main.cpp",
    "participant.cpp",
    "process-usage.cpp",
    "received-stream.cpp",
    "sent-stream.cpp",
    "stats-report.cpp",
    "transport.cpp",
    "turn-path.cpp",
    "udp-socket.cpp",
  ],
  flags: [
    "-std=c++20",
    "-O1",
    "-g",
    "-fno-omit-frame-pointer",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    "-D_GLIBCXX_ASSERTIONS",
    ...warnings,
  ],
};
