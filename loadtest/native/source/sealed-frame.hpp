#pragma once

#include "frame-header.hpp"
#include "media-kind.hpp"

namespace aparte {

/** How many bytes at a frame's beginning stay in clear: 10 or 1 of VP8, none of Opus. */
std::size_t clearBytesOf(MediaKind kind, Bytes frame);

/** The associated data of docs/e2ee-frames.md, written over `target`. */
void writeAssociatedData(Bytes header, MediaSource source, Bytes clear, Buffer &target);

} // namespace aparte
