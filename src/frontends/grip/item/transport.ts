// What of an item is for which kind of client, as statistics and the rate of deliveries count it.
import type { Item } from './item.ts'

/** As statistics call them (contract §6.8). */
export type Transport = 'http-stream' | 'http-response' | 'ws-message'

export function isFor(item: Item, transport: Transport): boolean {
  return formatFor(item, transport) !== undefined
}

function formatFor({ stream, response, socket }: Item, transport: Transport) {
  if (transport === 'http-stream') return stream
  return transport === 'http-response' ? response : socket
}

/** As its publisher says, or what the client gets of it. */
export function bytesOf({ size, stream, response, socket }: Item, transport: Transport): number {
  if (size !== undefined) return size
  if (transport === 'http-stream') return stream?.action === 'send' ? stream.content.length : 0
  if (transport === 'ws-message') return socket?.action === 'send' ? socket.content.length : 0
  if (response?.action !== 'send') return 0
  const { body } = response
  return body instanceof Uint8Array ? body.length : body.patch.length
}
