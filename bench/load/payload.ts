// What a bench publishes: text of fixed size between two marks, which make it a JSON string where they are quotes. It begins
// with who sent it, the how manieth it is and when it was meant to leave, then filler from the seed. Digits are base 32 in the 32 characters from `0` on, which
// JSON leaves as they are and which cost a reader one subtraction each.

const zero = 48

/** Quotes where the message is JSON itself; tildes where it stands within a text of JSON. */
export type Mark = '"' | '~'
const marks: readonly number[] = [34, 126]

/** Where each part begins; the first mark is at 0. */
const places = { part: 1, publisher: 2, sequence: 4, time: 9, filler: 16 } as const

/** The least size: all parts and the closing mark. */
const payloadBytesMin = places.filler + 1

/** A message of `bytes` bytes with its digits still zero; equal seeds give equal text. */
export function payloadTemplate(bytes: number, seed: number, mark: Mark = '"'): string {
  let state = seed >>> 0
  let filler = ''
  while (filler.length < bytes - payloadBytesMin) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    filler += String.fromCharCode(97 + ((state >>> 16) % 26))
  }
  return `${mark}${'0'.repeat(places.filler - 1)}${filler}${mark}`
}

/** Writes the digits into a payload that begins at `at`. Time is in microseconds since the run began. */
export function stamp(
  bytes: Uint8Array,
  at: number,
  part: number,
  publisher: number,
  sequence: number,
  timeUs: number,
): void {
  put(bytes, at + places.part, 1, part)
  put(bytes, at + places.publisher, 2, publisher)
  put(bytes, at + places.sequence, 5, sequence)
  put(bytes, at + places.time, 7, timeUs)
}

function put(bytes: Uint8Array, at: number, digits: number, value: number): void {
  for (let place = at + digits - 1; place >= at; place--) {
    bytes[place] = zero + (value % 32)
    value = Math.floor(value / 32)
  }
}

export function isMarked(bytes: Uint8Array, at: number, length: number): boolean {
  return marks.includes(bytes[at] ?? 0) && bytes[at + length - 1] === bytes[at]
}

export function partOf(bytes: Uint8Array, at: number): number {
  return digit(bytes, at + places.part)
}

export function publisherOf(bytes: Uint8Array, at: number): number {
  return digit(bytes, at + places.publisher) * 32 + digit(bytes, at + places.publisher + 1)
}

export function sequenceOf(bytes: Uint8Array, at: number): number {
  const first = at + places.sequence
  return (
    (digit(bytes, first) << 20) |
    (digit(bytes, first + 1) << 15) |
    (digit(bytes, first + 2) << 10) |
    (digit(bytes, first + 3) << 5) |
    digit(bytes, first + 4)
  )
}

export function timeUsOf(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let place = at + places.time; place < at + places.filler; place++)
    value = value * 32 + digit(bytes, place)
  return value
}

/** Folds a payload into a checksum, but for its part and time, so that equal runs have equal checksums. */
export function foldContent(checksum: number, bytes: Uint8Array, at: number, length: number): number {
  let folded = checksum
  for (let place = at; place < at + length; place++) {
    const changes = place === at + places.part || (place >= at + places.time && place < at + places.filler)
    if (changes) continue
    folded = Math.imul(folded ^ (bytes[place] ?? 0), 0x0100_0193)
  }
  return folded
}

function digit(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) - zero
}
