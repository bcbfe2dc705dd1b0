/**
 * What a worker asks the kernel for, of each UDP socket, in bytes. Everybody's packets come in by one
 * socket, whose default of about 90 packets is full after a few milliseconds without the processor,
 * and what is lost there is lost to all viewers. Linux gives at most `net.core.rmem_max` and
 * `net.core.wmem_max`; it is used only while packets wait.
 */
export const SOCKET_BUFFERS = {
  recvBufferSize: 4 * 1024 * 1024,
  sendBufferSize: 4 * 1024 * 1024,
} as const;
