import { CAPTURE_GO_ON, LOBBY, captureHelp } from "../strings.ts";
import { INPUT_KINDS } from "../state/devices-port.ts";
import type { LocalMedia } from "../state/local-media.ts";
import { useStore } from "./use-store.ts";

/** Says why a camera or microphone isn't there, and what to do. */
export function CaptureHelp({ media }: { media: LocalMedia }) {
  const state = useStore(media);
  return INPUT_KINDS.map((kind) => {
    const { problem } = state[kind];
    if (problem === null) return null;
    return (
      <div key={kind} className="capture-help" aria-live="polite" data-testid={`${kind}-problem`}>
        <p>
          {captureHelp(kind, problem)} {CAPTURE_GO_ON}
        </p>
        <button
          type="button"
          className="button small"
          onClick={() => void media.setWanted(kind, true)}
        >
          {LOBBY.tryAgain}
        </button>
      </div>
    );
  });
}
