// The mask of a client's payloads (RFC 6455 section 5.3). Pure, but for the bytes it is given.

/** From so many bytes on four at a time pay for the view that they need. */
const wordsFrom = 64

/** In place: masking and unmasking are the same. `key` is the four bytes as a number, the first one highest. */
export function mask(bytes: Uint8Array, key: number): void {
  if (bytes.length < wordsFrom) return maskBytes(bytes, key, 0, bytes.length)
  const lead = -bytes.byteOffset & 3
  const words = (bytes.length - lead) >> 2
  maskBytes(bytes, key, 0, lead)
  maskWords(new Uint32Array(bytes.buffer, bytes.byteOffset + lead, words), turned(key, lead))
  maskBytes(bytes, key, lead + words * 4, bytes.length)
}

/** The key for what follows so many bytes. */
export function turned(key: number, bytes: number): number {
  const bits = (bytes & 3) * 8
  return bits === 0 ? key : (key << bits) | (key >>> (32 - bits))
}

function maskBytes(bytes: Uint8Array, key: number, from: number, to: number): void {
  for (let at = from; at < to; at++) bytes[at] = (bytes[at] ?? 0) ^ (key >>> (24 - (at & 3) * 8))
}

/** Every machine that Node.js has a build for keeps the lowest byte first. */
function maskWords(words: Uint32Array, key: number): void {
  const swapped = (key >>> 24) | ((key >>> 8) & 0xff00) | ((key << 8) & 0xff0000) | (key << 24)
  for (let at = 0; at < words.length; at++) words[at] = (words[at] ?? 0) ^ swapped
}
