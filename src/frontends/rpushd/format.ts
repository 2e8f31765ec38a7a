// Publications as frames: what no frame can carry is left out and told, never thrown. rpushd's own publishes always
// fit; those of other protocols may be larger, or grow as JSON.

import type { Format } from '../../engine/reader/subscriber.ts'
import type { Content } from '../../engine/words/publication.ts'
import { encodeFrame, encodeNoticeFrame, framePayloadBytesMax } from './codec.ts'

export interface Formats {
  /**
   * What the original sends. What is left out ends its streams, for no frame of the original means it; what has no content
   * is nothing to them.
   */
  readonly plain: Format
  /** For clients that opted into positions: what is left out becomes a notice that counts like a message. */
  readonly counting: Format
}

/** `omitted` hears of each publication that plain streams do not get. */
export function createFormats(omitted: () => void): Formats {
  return {
    plain: {
      id: 'rpushd',
      encode: ({ content }) => frameOf(content),
      omitted({ content }) {
        if (content.kind === 'none') return 'pass'
        omitted()
        return 'end'
      },
    },
    counting: {
      id: 'rpushd counting',
      encode: ({ content }) => frameOf(content) ?? encodeNoticeFrame({ omitted: true }),
    },
  }
}

/** Undefined where no frame carries it. */
function frameOf(content: Content): Uint8Array | undefined {
  if (content.kind === 'none') return undefined
  const json = jsonOf(content)
  return json.length > 0 && json.length <= framePayloadBytesMax ? encodeFrame(json) : undefined
}

/** rpushd's payloads are JSON: text becomes a JSON string, bytes become base64 in one. */
function jsonOf({ kind, payload }: Content): Uint8Array {
  if (kind === 'json') return withoutBlanks(payload)
  return Buffer.from(JSON.stringify(Buffer.from(payload).toString(kind === 'text' ? 'utf8' : 'base64')))
}

/** JSON of another protocol may begin with white space, which would make it a notice. */
function withoutBlanks(json: Uint8Array): Uint8Array {
  let start = 0
  while (isBlank(json[start])) start++
  return start === 0 ? json : json.subarray(start)
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
