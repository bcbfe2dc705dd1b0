/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

export interface Size {
  readonly width: number;
  readonly height: number;
}

const FRAMES_PER_SECOND = 15;

/** A plane of one colour, across whose upper half a grey bar wanders. */
export function drawnCamera([red, green, blue]: Rgb, { width, height }: Size): MediaStreamTrack {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  let frame = 0;
  const draw = () => {
    frame += 1;
    context.fillStyle = `rgb(${red} ${green} ${blue})`;
    context.fillRect(0, 0, width, height);
    context.fillStyle = "rgb(128 128 128)";
    context.fillRect(0, (frame * 2) % (height / 4), width, 6);
  };
  draw();
  setInterval(draw, 1_000 / FRAMES_PER_SECOND);
  return trackOf(canvas.captureStream(FRAMES_PER_SECOND));
}

/** A voice of one tone. */
export function toneVoice(frequencyHz: number): MediaStreamTrack {
  const context = new AudioContext({ sampleRate: 48_000 });
  const oscillator = context.createOscillator();
  oscillator.frequency.value = frequencyHz;
  const volume = context.createGain();
  volume.gain.value = 0.3;
  const destination = context.createMediaStreamDestination();
  oscillator.connect(volume).connect(destination);
  oscillator.start();
  return trackOf(destination.stream);
}

function trackOf(stream: MediaStream): MediaStreamTrack {
  const [track] = stream.getTracks();
  if (track === undefined) throw new Error("no track");
  return track;
}
