// Text of an event stream (contract §5): `event:`, `id:` and `data:` in this order, one line of data, so that a reader
// which knows nothing but `data:` works. The names are those of channels, which have no line ends.

/** Written when nothing else was for 15 s. */
export const keepAlive: Uint8Array = Buffer.from(': ka\n\n')

/** Once, behind `auth_ok`: when a browser tries again. */
export function encodeRetry(retryMs: number): Uint8Array {
  return Buffer.from(`retry: ${retryMs}\n\n`)
}

/** What stands in front of the data. Undefined: an event without a name reaches whoever listens for messages. */
export function eventHead(event: string | undefined, id: string | undefined): string {
  return `${event === undefined ? '' : `event: ${event}\n`}${id === undefined ? '' : `id: ${id}\n`}`
}

/** `data` is JSON on one line. */
export function encodeEvent(event: string | undefined, id: string | undefined, data: string): Uint8Array {
  return Buffer.from(`${eventHead(event, id)}data: ${data}\n\n`)
}
