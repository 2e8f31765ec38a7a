// Ready frames, made once for many WebSockets, read again for a client that gets no frames of these.
import type { FramePeer } from '../../../../net/gate/frame-peer.ts'
import { FrameReader } from '../../../../net/gate/frame-reader.ts'

/** Each as a call of its own; whether the last message was taken. */
export function writeEach(frames: Uint8Array, peer: Pick<FramePeer, 'message' | 'ping' | 'pong'>): boolean {
  const reader = new FrameReader()
  reader.add(Buffer.from(frames.buffer, frames.byteOffset, frames.length))
  let isTaken = true
  const sink = {
    message(...words: Parameters<FramePeer['message']>) {
      isTaken = peer.message(...words)
    },
    ping: (payload: Buffer) => void peer.ping(payload),
    pong: (payload: Buffer) => void peer.pong(payload),
    closing() {},
  }
  while (reader.next(sink) === 'frame') {}
  return isTaken
}
