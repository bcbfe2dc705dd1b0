import type { Metrics } from "../../observability/index.ts";
import type { SignalingMetrics } from "../../signaling/signaling-metrics.ts";
import type { SignalingServer } from "../../signaling/signaling-server.ts";

/** What signaling counts by itself, as Prometheus counters. */
export function countSignaling(metrics: Metrics): SignalingMetrics {
  const connections = metrics.counter(
    "aparte_signaling_connections_total",
    "Connections that were opened.",
  );
  const closed = metrics.counter(
    "aparte_signaling_connections_closed_total",
    "Connections that have ended.",
  );
  const refused = metrics.counter(
    "aparte_signaling_connections_refused_total",
    "Connections that were refused.",
    ["reason"],
  );
  const cut = metrics.counter(
    "aparte_signaling_connections_cut_total",
    "Connections that were cut off for breaking a limit.",
    ["reason"],
  );
  const rooms = metrics.counter("aparte_signaling_rooms_total", "Rooms that were opened.");
  const roomsClosed = metrics.counter(
    "aparte_signaling_rooms_closed_total",
    "Rooms that were closed.",
  );
  const joined = metrics.counter("aparte_signaling_joins_total", "Participants that joined.");
  const resumed = metrics.counter(
    "aparte_signaling_resumes_total",
    "Participants that came back after their connection was lost.",
  );
  const left = metrics.counter("aparte_signaling_leaves_total", "Participants that are gone.", [
    "reason",
  ]);
  const answers = metrics.counter(
    "aparte_signaling_answers_total",
    "Answers by request and code.",
    ["request", "code"],
  );
  const commits = metrics.counter("aparte_signaling_commits_total", "Key changes ordered.");
  const commitBytes = metrics.counter("aparte_signaling_commit_bytes_total", "Their bytes.");
  const stale = metrics.counter(
    "aparte_signaling_commits_stale_total",
    "Key changes that came second for their epoch.",
  );
  const commitsRefused = metrics.counter(
    "aparte_signaling_commits_refused_total",
    "Commits that the members found to be worth nothing, and that were taken back.",
  );
  const messages = metrics.counter(
    "aparte_signaling_messages_total",
    "Sealed messages, once for each recipient.",
  );
  const messageBytes = metrics.counter(
    "aparte_signaling_message_bytes_total",
    "Their bytes, once for each recipient.",
  );
  return {
    connectionOpened: () => {
      connections.inc();
    },
    connectionClosed: () => {
      closed.inc();
    },
    connectionRefused: (reason) => {
      refused.inc({ reason });
    },
    connectionCut: (reason) => {
      cut.inc({ reason });
    },
    roomOpened: () => {
      rooms.inc();
    },
    roomClosed: () => {
      roomsClosed.inc();
    },
    participantJoined: () => {
      joined.inc();
    },
    participantResumed: () => {
      resumed.inc();
    },
    participantLeft: (reason) => {
      left.inc({ reason });
    },
    requestAnswered: (request, code) => {
      answers.inc({ request, code });
    },
    commitAccepted: (bytes) => {
      commits.inc();
      commitBytes.inc(bytes);
    },
    commitStale: () => {
      stale.inc();
    },
    commitRefused: () => {
      commitsRefused.inc();
    },
    messageRelayed: (bytes, recipients) => {
      messages.inc(recipients);
      messageBytes.inc(bytes * recipients);
    },
  };
}

/** What is there now. */
export function exportSignalingGauges(
  metrics: Metrics,
  signaling: Pick<SignalingServer, "roomCount" | "participantCount" | "connectionCount">,
): void {
  metrics.gauge("aparte_signaling_rooms", "Rooms now.", () => signaling.roomCount);
  metrics.gauge(
    "aparte_signaling_participants",
    "Participants now.",
    () => signaling.participantCount,
  );
  metrics.gauge(
    "aparte_signaling_connections",
    "Connections now.",
    () => signaling.connectionCount,
  );
}
