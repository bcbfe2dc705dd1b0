import { useLayoutEffect, useRef, useState } from "react";
import { pictureScale } from "../state/picture-scale.ts";
import type { ElementSize } from "./use-element-size.ts";

export interface PictureProps {
  track: MediaStreamTrack;
  mirrored?: boolean;
  /** Of the tile to fill as far as the picture's shape lets it; without one all of it is shown. */
  tile?: ElementSize | undefined;
}

/** A video track. Sound is played elsewhere, so it is muted and never held back by the browser. */
export function Picture({ track, mirrored = false, tile }: PictureProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [picture, setPicture] = useState<ElementSize>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = video.current;
    if (element === null) return undefined;
    element.srcObject = new MediaStream([track]);
    return () => {
      element.srcObject = null;
    };
  }, [track]);
  const scale = tile === undefined ? 1 : pictureScale(picture, tile);
  return (
    <video
      ref={video}
      className="picture"
      style={{ transform: `scale(${mirrored ? -scale : scale}, ${scale})` }}
      autoPlay
      muted
      playsInline
      disablePictureInPicture
      tabIndex={-1}
      onResize={({ currentTarget: { videoWidth, videoHeight } }) => {
        setPicture({ width: videoWidth, height: videoHeight });
      }}
    />
  );
}
