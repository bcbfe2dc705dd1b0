const SYLLABLES_PER_SECOND = 4;
const PITCH_HZ = 140;
/** Formants of a vowel, in hertz. */
const FORMANTS_HZ = [650, 1_100, 2_600];

/**
 * A microphone that somebody speaks into, more or less: a buzz shaped by formants, which swells
 * and fades with each syllable. In silence there is a faint noise, as in any room.
 */
export function voice(what: "speech" | "silence"): MediaStreamTrack {
  const context = new AudioContext({ sampleRate: 48_000 });
  const destination = context.createMediaStreamDestination();
  const room = context.createBufferSource();
  room.buffer = noise(context);
  room.loop = true;
  room.connect(gain(context, 0.0005)).connect(destination);
  room.start();
  if (what === "speech") speak(context, destination);
  const [track] = destination.stream.getAudioTracks();
  if (track === undefined) throw new Error("no track");
  return track;
}

function speak(context: AudioContext, destination: AudioNode): void {
  const pitch = context.createOscillator();
  pitch.type = "sawtooth";
  pitch.frequency.value = PITCH_HZ;
  const syllables = context.createOscillator();
  syllables.frequency.value = SYLLABLES_PER_SECOND;
  const loudness = gain(context, 0.25);
  syllables.connect(gain(context, 0.25)).connect(loudness.gain);
  for (const frequencyHz of FORMANTS_HZ) {
    const formant = context.createBiquadFilter();
    formant.type = "bandpass";
    formant.frequency.value = frequencyHz;
    formant.Q.value = 6;
    pitch.connect(formant).connect(loudness);
  }
  loudness.connect(destination);
  pitch.start();
  syllables.start();
}

function gain(context: AudioContext, value: number): GainNode {
  const node = context.createGain();
  node.gain.value = value;
  return node;
}

function noise(context: AudioContext): AudioBuffer {
  const buffer = context.createBuffer(1, context.sampleRate, context.sampleRate);
  const samples = buffer.getChannelData(0);
  for (let index = 0; index < samples.length; index += 1) samples[index] = Math.random() * 2 - 1;
  return buffer;
}
