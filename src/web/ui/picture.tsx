import { useLayoutEffect, useRef, useState } from "react";
import { pictureFit } from "../state/picture-fit.ts";
import type { ElementSize } from "./use-element-size.ts";

export interface PictureProps {
  track: MediaStreamTrack;
  mirrored?: boolean;
  /** `auto` fills the tile of the given size unless too much of the picture would be lost. */
  fit: "cover" | "contain" | { readonly auto: ElementSize };
}

/** A video track. Sound is played elsewhere, so it is muted and never held back by the browser. */
export function Picture({ track, mirrored = false, fit }: PictureProps) {
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
  return (
    <video
      ref={video}
      className={mirrored ? "picture mirrored" : "picture"}
      style={{ objectFit: typeof fit === "string" ? fit : pictureFit(picture, fit.auto) }}
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
