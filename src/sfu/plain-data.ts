/**
 * A copy as it would arrive over the wire: without the `undefined`s that mediasoup leaves in its
 * objects, which the protocol's strict schemas refuse. To be parsed by one of these.
 */
export function plainData(value: object): unknown {
  const text: string = JSON.stringify(value);
  return JSON.parse(text);
}
