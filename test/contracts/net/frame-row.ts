// How a row of the table of frames is written.
import type { FrameFault } from '../../../src/net/gate/frame-peer.ts'
import { words } from '../../helpers/frames/heard-frames.ts'
import { type FrameOptions, frame, opcode } from '../../helpers/raw-websocket.ts'

/** A frame as data, because a client masks it and a server does not. */
export interface Sent {
  readonly code: number
  readonly payload: Buffer
  readonly options: FrameOptions
}

export interface FrameRow {
  readonly name: string
  readonly send: readonly Sent[]
  readonly heard: readonly string[]
  /** What ends it; where there is none, it stays open. */
  readonly fault?: FrameFault
}

export function bytesOf(sent: readonly Sent[], masked: boolean): Buffer[] {
  return sent.map(({ code, payload, options }) => frame(code, payload, { masked, ...options }))
}

export const send = (code: number, payload: string | Uint8Array = '', options: FrameOptions = {}): Sent => ({
  code,
  payload: Buffer.from(payload),
  options,
})
export const more: FrameOptions = { fin: false }
export const rsv = (reserved: number): FrameOptions => ({ reserved: reserved << 4 })
export const stars = (length: number) => Buffer.alloc(length, '*')
export const of = (kind: 'text' | 'binary', payload: string | Uint8Array) =>
  words.message(kind, Buffer.from(payload))

export const odd = Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff])
export const hello = send(opcode.text, 'Hello')
export const helloHeard = of('text', 'Hello')
