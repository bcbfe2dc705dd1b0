import { CAPTURE_GO_ON, LOBBY, captureHelp } from "../strings.ts";
import type { CaptureProblem } from "../state/capture-problem.ts";
import { INPUT_KINDS, type InputKind } from "../state/devices-port.ts";
import type { LocalMedia } from "../state/local-media.ts";
import { useStore } from "./use-store.ts";

/** Says why a camera or microphone isn't there, and what to do; once if it is the same for both. */
export function CaptureHelp({ media }: { media: LocalMedia }) {
  const { microphone, camera } = useStore(media);
  if (microphone.problem !== null && microphone.problem === camera.problem) {
    return <Help media={media} kinds={INPUT_KINDS} problem={microphone.problem} />;
  }
  return (
    <>
      {microphone.problem !== null && (
        <Help media={media} kinds={["microphone"]} problem={microphone.problem} />
      )}
      {camera.problem !== null && (
        <Help media={media} kinds={["camera"]} problem={camera.problem} />
      )}
    </>
  );
}

interface HelpProps {
  media: LocalMedia;
  kinds: readonly InputKind[];
  problem: CaptureProblem;
}

function Help({ media, kinds, problem }: HelpProps) {
  return (
    <div className="capture-help" aria-live="polite" data-testid="capture-problem">
      <p>
        {captureHelp(kinds, problem)} {CAPTURE_GO_ON}
      </p>
      <button
        type="button"
        className="button small"
        data-testid="capture-retry"
        onClick={() => void media.retry(kinds)}
      >
        {LOBBY.tryAgain}
      </button>
    </div>
  );
}
