// What a command reads from standard input: all of it, or line by line as it comes. UTF-8, with a limit.
import { TextDecoder } from 'node:util'
import { Fault } from '../std/fault.ts'

/** Larger than any body that the HTTP API takes. */
const inputBytesMax = 16 * 1_048_576

/** Of whoever writes the input. */
type InputCode = 'input-not-utf8' | 'input-too-long'

/** Without one line end at the end, which echo and editors add. */
export async function readAll(input: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of input) {
    length += piece.length
    if (length > inputBytesMax)
      throw inputFault('input-too-long', `the input is longer than ${inputBytesMax} bytes`)
    pieces.push(piece)
  }
  return decode(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }), Buffer.concat(pieces)).replace(
    /\r?\n$/,
    '',
  )
}

/** Yields the lines that each piece of input completes, so that nothing waits for more input than it needs. */
export async function* readLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest = ''
  for await (const piece of input) {
    // Only what is new is searched, so that a long line costs no more in many pieces.
    const [first = '', ...more] = decode(decoder, piece, true).split('\n')
    const lines = [rest + first, ...more]
    rest = lines.pop() ?? ''
    if (rest.length > inputBytesMax)
      throw inputFault('input-too-long', `a line of the input is longer than ${inputBytesMax} bytes`)
    if (lines.length > 0) yield lines.map(line => line.replace(/\r$/, ''))
  }
  rest += decode(decoder, new Uint8Array(0))
  if (rest !== '') yield [rest.replace(/\r$/, '')]
}

function decode(decoder: TextDecoder, bytes: Uint8Array, stream = false): string {
  try {
    return decoder.decode(bytes, { stream })
  } catch {
    throw inputFault(
      'input-not-utf8',
      'the input is not UTF-8; bytes go as base64: base64 -w0 FILE | ringcast pub CHANNEL --base64',
    )
  }
}

function inputFault(code: InputCode, message: string): Fault<InputCode> {
  return new Fault(code, message)
}
