// Streams of frames, mostly sound ones, from one number each.
import { frame, opcode } from '../raw-websocket.ts'

export type Chance = (below: number) => number

/** Mulberry's generator: enough chance for a test, and repeatable. */
export function chanceFrom(seed: number): Chance {
  let state = seed | 0
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const { continuation, text, binary, close, ping, pong } = opcode
const framesMax = 8
const sizes = [0, 1, 2, 3, 7, 64, 65, 125, 126, 127, 500, 65_535, 65_536]

/** One in ten has a damaged byte. */
export function frameStream(chance: Chance): Buffer {
  const frames: Buffer[] = []
  let isWithin = false
  for (let count = 1 + chance(framesMax); count > 0; count--) {
    const isControl = chance(3) === 0
    const fin = isControl || chance(2) === 0
    frames.push(isControl ? control(chance) : data(chance, isWithin, fin))
    if (!isControl) isWithin = !fin
  }
  const bytes = Buffer.concat(frames)
  if (chance(10) === 0) bytes[chance(bytes.length)] = chance(256)
  return bytes
}

function data(chance: Chance, isWithin: boolean, fin: boolean): Buffer {
  const isOdd = chance(30) === 0
  const code = isOdd ? chance(16) : isWithin ? continuation : chance(2) === 0 ? text : binary
  // Large ones are rare, or nothing else would be tried.
  const size = sizes[chance(chance(20) === 0 ? sizes.length : 8)] ?? 0
  const options = { fin, masked: chance(50) > 0, reserved: chance(50) === 0 ? chance(8) << 4 : 0 }
  return frame(code, filled(chance, size), options)
}

function control(chance: Chance): Buffer {
  const code = [ping, pong, ping, pong, close][chance(5)] ?? ping
  const size = chance(40) === 0 ? 126 : chance(126)
  const payload = filled(chance, size)
  // Of codes that may be sent, mostly.
  if (code === close && size >= 2 && chance(4) > 0) payload.writeUInt16BE(1000 + chance(4), 0)
  return frame(code, payload, { fin: chance(40) > 0 })
}

function filled(chance: Chance, size: number): Buffer {
  return Buffer.alloc(size, Buffer.of(chance(256), chance(256), chance(256)))
}
