// The directives inside of contents (contract §7): `%I`, `%(NAME)s`, and `%%` for the sign itself. In a name a backslash takes
// the next character as it is. What a directive means is said by whoever has one; positions are bytes. A pure function.

/** `argument`: bytes, one character each; undefined where there is none or it is empty. */
export type Directives = (letter: string, argument: string | undefined) => Meaning

export type Meaning =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly error: string }

/**
 * What all directives of one content may add, in bytes: a content may have half a million of them, and a value may be as large
 * as a head. As much as a publisher's body may have.
 */
export const addedBytesMax = 1_000_000

/** The content itself where nothing is in it. Errors are the original's, to the letter, but for the one about the bytes. */
export function substitute(content: Uint8Array, directives: Directives): Meaning {
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('latin1')
  let at = text.indexOf('%')
  if (at < 0) return { ok: true, bytes: content }
  const pieces: Uint8Array[] = []
  let start = 0
  let added = 0
  for (; at >= 0; at = text.indexOf('%', start)) {
    pieces.push(content.subarray(start, at))
    const found = readDirective(text, at)
    if (!found.ok) return found
    const meaning = found.letter === '%' ? sign : directives(found.letter, found.argument)
    if (!meaning.ok) return fail(`${meaning.error} at position ${found.end}`)
    added += meaning.bytes.length
    if (added > addedBytesMax) return fail(`More than ${addedBytesMax} bytes are added`)
    pieces.push(meaning.bytes)
    start = found.end + 1
  }
  pieces.push(content.subarray(start))
  return { ok: true, bytes: Buffer.concat(pieces) }
}

const sign: Meaning = { ok: true, bytes: Buffer.from('%') }

type Found =
  | {
      readonly ok: true
      readonly letter: string
      readonly argument: string | undefined
      /** Of the letter. */
      readonly end: number
    }
  | { readonly ok: false; readonly error: string }

/** `at`: of the sign. */
function readDirective(text: string, at: number): Found {
  const first = text[at + 1]
  if (first === undefined) return fail(`Expected directive after '%' at position ${at}`)
  if (first === '(') return readNamed(text, at + 1)
  if (first === '%' || /^[a-z]$/i.test(first))
    return { ok: true, letter: first, argument: undefined, end: at + 1 }
  return fail(`Unknown directive '${first}' at position ${at + 1}`)
}

/** `open`: of the parenthesis. */
function readNamed(text: string, open: number): Found {
  if (open + 1 >= text.length) return fail(`Expected character after '(' at position ${open}`)
  // In pieces: a name may be as long as the content.
  const argument: string[] = []
  let at = open + 1
  for (;;) {
    const special = nextSpecial(text, at)
    if (special < 0) return fail(`Unterminated field starting at position ${open}`)
    argument.push(text.slice(at, special))
    if (text[special] === ')') {
      at = special
      break
    }
    const escaped = text[special + 1]
    if (escaped === undefined) return fail(`Expected character after '\\' at position ${special}`)
    argument.push(escaped)
    at = special + 2
  }
  const letter = text[at + 1]
  if (letter === undefined) return fail(`Expected directive after ')' at position ${at}`)
  const name = argument.join('')
  // A sign with a name is none: what it stands for is asked for by a letter.
  if (letter === '%') return fail(`Unknown directive '%' at position ${at + 1}`)
  return { ok: true, letter, argument: name === '' ? undefined : name, end: at + 1 }
}

function nextSpecial(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (text[at] === '\\' || text[at] === ')') return at
  return -1
}

function fail(error: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error }
}
