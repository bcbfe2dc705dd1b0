import type { RemoteParticipant, StreamTrouble } from "../../../src/client/call-state.ts";
import { drawnPerson, drawnScreen, tone } from "./drawn-track.ts";
import { remoteParticipant, remoteStream } from "./in-memory-call.ts";

const NAMES = [
  "Ada Lovelace",
  "Zoë Quiñones",
  "Jean-Baptiste Émile de la Tour d’Auvergne-Lauraguais",
  "Nguyễn Văn An",
  "محمد الفاتح",
  "Li",
  "Søren Ångström",
  "김민준",
  "Grace Hopper",
  "Priya",
] as const;

const TROUBLES: readonly StreamTrouble[] = ["no-key", "tampered", "unsealed"];
const PRESENCES = ["joining", "away", "leaving"] as const;

export interface CrowdOptions {
  others: number;
  screens: number;
  /** Some have trouble, some are joining, away or leaving. */
  troubled: boolean;
}

/** People of all kinds: with and without camera, upright phones, long names, muted, speaking. */
export function crowd({ others, screens, troubled }: CrowdOptions): RemoteParticipant[] {
  // One silent track serves all: a hundred audio contexts would be the browser's end.
  const sound = tone();
  sound.enabled = false;
  return Array.from({ length: others }, (_, index) => {
    const upright = index % 5 === 3;
    const camera = upright ? drawnPerson(index, 360, 640) : drawnPerson(index, 640, 360);
    const hasCamera = index % 4 !== 2;
    const trouble = troubled ? TROUBLES[index] : undefined;
    return remoteParticipant(`participant-${String(index).padStart(9, "0")}A`, {
      name: NAMES[index % NAMES.length] ?? "",
      presence: (troubled && PRESENCES[index - TROUBLES.length]) || "present",
      speaking: index === 1 || (others === 1 && index === 0),
      streams: [
        remoteStream("microphone", sound, { muted: index % 3 === 2 }),
        ...(hasCamera ? [remoteStream("camera", camera, trouble && { trouble })] : []),
        ...(index < screens ? [remoteStream("screen", drawnScreen(1600, 1000))] : []),
      ],
    });
  });
}
