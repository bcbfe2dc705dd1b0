/** A moving picture without a camera: a person-like figure before a coloured ground. */
export function drawnPerson(seed: number, width: number, height: number): MediaStreamTrack {
  return drawn(width, height, (context, time) => {
    const hue = (seed * 47) % 360;
    const ground = context.createLinearGradient(0, 0, width, height);
    ground.addColorStop(0, `hsl(${hue} 35% 42%)`);
    ground.addColorStop(1, `hsl(${(hue + 50) % 360} 40% 22%)`);
    context.fillStyle = ground;
    context.fillRect(0, 0, width, height);
    const x = width / 2 + Math.sin(time / 900 + seed) * width * 0.02;
    const size = Math.min(width, height);
    context.fillStyle = `hsl(${(hue + 200) % 360} 30% 30%)`;
    ellipse(context, x, height, size * 0.42, size * 0.42);
    context.fillStyle = `hsl(${20 + (seed % 4) * 6} 45% ${45 + (seed % 5) * 8}%)`;
    ellipse(context, x, height * 0.45, size * 0.17, size * 0.22);
  });
}

/** A shared screen: a window with lines of text. */
export function drawnScreen(width: number, height: number): MediaStreamTrack {
  return drawn(width, height, (context, time) => {
    context.fillStyle = "#f6f7f9";
    context.fillRect(0, 0, width, height);
    context.fillStyle = "#dfe3e8";
    context.fillRect(0, 0, width, 44);
    context.fillStyle = "#48525c";
    for (let line = 0; line < 26; line += 1) {
      context.fillRect(60, 80 + line * 36, 200 + ((line * 173) % (width - 500)), 14);
    }
    context.fillRect(60, 80 + (Math.floor(time / 500) % 26) * 36, 10, 20);
  });
}

function drawn(
  width: number,
  height: number,
  draw: (context: CanvasRenderingContext2D, timeMs: number) => void,
): MediaStreamTrack {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  draw(context, 0);
  setInterval(() => {
    draw(context, performance.now());
  }, 200);
  const [track] = canvas.captureStream(5).getVideoTracks();
  if (track === undefined) throw new Error("no track");
  return track;
}

function ellipse(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radiusX: number,
  radiusY: number,
): void {
  context.beginPath();
  context.ellipse(x, y, radiusX, radiusY, 0, 0, 2 * Math.PI);
  context.fill();
}

/** A tone, so that the level meter has something to show. */
export function tone(): MediaStreamTrack {
  const context = new AudioContext();
  const oscillator = context.createOscillator();
  const volume = context.createGain();
  const destination = context.createMediaStreamDestination();
  volume.gain.value = 0.1;
  oscillator.connect(volume).connect(destination);
  oscillator.start();
  const [track] = destination.stream.getAudioTracks();
  if (track === undefined) throw new Error("no track");
  return track;
}
