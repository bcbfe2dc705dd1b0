/** What a run is summed up to: flat numbers, by which thresholds judge and runs are compared. */
export const FIGURES = {
  heldParticipants: ["people", "up", "Of a run that grows: its largest size at which all held"],
  joinedPercent: ["%", "up", "Participants that got in, of those that should have"],
  presentPercent: [
    "%",
    "up",
    "Of the time that participants should have been there, how long they had signaling and media",
  ],
  joinP50Ms: ["ms", "down", "From the click to keys and connected transports, median"],
  joinP95Ms: ["ms", "down", "From the click to keys and connected transports, 95 %"],
  joinP99Ms: ["ms", "down", "From the click to keys and connected transports, 99 %"],
  firstAudioP95Ms: ["ms", "down", "From the click to the first sound that opened"],
  firstVideoP95Ms: ["ms", "down", "From the click to the first picture that opened"],
  audioLatencyP50Ms: ["ms", "down", "One way, from sealing to arrival, median"],
  audioLatencyP95Ms: ["ms", "down", "One way, from sealing to arrival, 95 %"],
  audioLatencyP99Ms: ["ms", "down", "One way, from sealing to arrival, 99 %"],
  videoLatencyP50Ms: ["ms", "down", "One way, from sealing to the last packet's arrival, median"],
  videoLatencyP95Ms: ["ms", "down", "One way, from sealing to the last packet's arrival, 95 %"],
  videoLatencyP99Ms: ["ms", "down", "One way, from sealing to the last packet's arrival, 99 %"],
  audioGapP99Ms: ["ms", "down", "Time between two sounds of a stream; 20 ms is none lost"],
  audioGapsPerMinute: ["1/min", "down", "Gaps above 60 ms, a stream"],
  freezesPerMinute: ["1/min", "down", "Freezes of a received video"],
  lossPercent: ["%", "down", "Packets that never came, of those that were sent to receivers"],
  repairedPercent: ["%", "down", "Packets that came by retransmission"],
  decryptFailures: ["", "down", "Frames that did not open though their keys were there"],
  framesBeforeKeys: [
    "",
    "down",
    "Frames whose keys did not come while clients would have waited for them",
  ],
  disorderedFrames: ["", "down", "Frames that came out of order"],
  rekeyP95Ms: ["ms", "down", "From the first member with a new key to the others"],
  exclusionP95Ms: [
    "ms",
    "down",
    "From a farewell until each other member has keys without the leaver",
  ],
  signalingRecoveryP95Ms: ["ms", "down", "From a lost connection to signaling until it was back"],
  mediaRecoveryP95Ms: ["ms", "down", "From lost media until they were back"],
  troubles: ["", "down", "Errors that participants met"],
  packetsInPerS: ["1/s", "none", "Packets that the participants received"],
  packetsOutPerS: ["1/s", "none", "Packets that the participants sent"],
  megabitsInPerS: ["Mbit/s", "none", "What the participants received"],
  megabitsOutPerS: ["Mbit/s", "none", "What the participants sent"],
  serverCpuCores: ["cores", "down", "The server's process without its media workers"],
  workerCpuCores: ["cores", "down", "All media workers"],
  workerCpuPerParticipantPercent: ["%", "down", "Of a core, of the media workers"],
  serverMemoryMb: ["MB", "down", "The server's process, at the end"],
  serverWaitPercent: [
    "%",
    "none",
    "Of the time that processes of a service on this machine were kept waiting for a core",
  ],
  generatorCpuCores: ["cores", "none", "Agents and engines"],
  generatorDelayP99Ms: ["ms", "none", "How late the generator itself was"],
  generatorWaitPercent: [
    "%",
    "none",
    "Of the time that an engine was ready to run and waited for a core",
  ],
} as const satisfies Record<
  string,
  readonly [unit: string, better: "up" | "down" | "none", string]
>;

export type FigureName = keyof typeof FIGURES;
/** Those that could not be measured are absent. */
export type Figures = Partial<Record<FigureName, number>>;

export function figureNames(): FigureName[] {
  return Object.keys(FIGURES).filter(isFigure);
}

export function isFigure(name: string): name is FigureName {
  return Object.hasOwn(FIGURES, name);
}
