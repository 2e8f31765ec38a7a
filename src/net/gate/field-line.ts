// One header line, of a head or among trailers. Both ask here, so that neither is laxer than the other.

export const CR = 13
export const LF = 10
const TAB = 9
const SPACE = 32
const COLON = 58
const DELETE = 127

const tokenCharacters = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/** What a name is made of: RFC 9110 §5.6.2. */
const isTokenByte: readonly boolean[] = Array.from({ length: 256 }, (_, byte) =>
  tokenCharacters.includes(String.fromCharCode(byte)),
)

/** What a value is made of: RFC 9110 §5.5, bytes over 0x7F among it. */
const isValueByte: readonly boolean[] = Array.from(
  { length: 256 },
  (_, byte) => byte === TAB || (byte >= SPACE && byte !== DELETE),
)

/**
 * Whether the line from `start` up to its LF at `lf` is a name, a colon at once behind it, and a value, ended by CRLF.
 * A folded line begins with a blank, which no name does; a CR inside, and a NUL, are no bytes of a value.
 */
export function isFieldLine(bytes: Buffer, start: number, lf: number): boolean {
  let at = start
  while (isTokenByte[bytes[at] ?? 0]) at++
  if (at === start || bytes[at] !== COLON) return false
  at++
  while (isValueByte[bytes[at] ?? 0]) at++
  return bytes[at] === CR && at + 1 === lf
}

const encoding = 'transfer-encoding'
const plainEncoding = /^transfer-encoding: ?chunked\r$/i

/**
 * Whether a line that `isFieldLine` took is a `Transfer-Encoding` that says anything but `chunked`, or says it in an
 * unusual way. Blanks around the word are allowed (RFC 9112 §5.1), but Node.js takes `chunked` with a tab behind it for
 * another encoding, and such a difference is what smuggling is made of.
 */
export function isOddEncoding(bytes: Buffer, start: number, lf: number): boolean {
  if (bytes[start + encoding.length] !== COLON) return false
  const line = bytes.toString('latin1', start, lf)
  return line.toLowerCase().startsWith(encoding) && !plainEncoding.test(line)
}

/** The parts of a line that `isFieldLine` took. Blanks around the value are none of it (RFC 9112 §5.1). */
export function readFieldLine(bytes: Buffer, start: number, lf: number): [name: string, value: string] {
  const colon = bytes.indexOf(COLON, start)
  let from = colon + 1
  let to = lf - 1
  while (from < to && isBlank(bytes[from])) from++
  while (to > from && isBlank(bytes[to - 1])) to--
  return [bytes.toString('latin1', start, colon), bytes.toString('latin1', from, to)]
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB
}
