import type { AudioPlayer, CreateAudioPlayer } from "../state/audio-output.ts";

/** Makes `audio` elements within `document`, where the browser's own tools can find them. */
export function browserAudioPlayers(document: Document): CreateAudioPlayer {
  return (participantId): AudioPlayer => {
    const element = document.createElement("audio");
    element.dataset["participant"] = participantId;
    document.body.append(element);
    return {
      play(track) {
        element.srcObject = new MediaStream([track]);
        return element.play();
      },
      async setSpeaker(deviceId) {
        if ("setSinkId" in element) await element.setSinkId(deviceId);
      },
      close() {
        element.srcObject = null;
        element.remove();
      },
    };
  };
}
