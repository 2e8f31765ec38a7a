// Clients of this protocol that come back, with a position or without.
import { protocolDoor } from '../cluster/numbered-publisher.ts'
import type { Told } from '../protocols/protocol.ts'
import { type Streaming, streaming } from '../protocols/streaming.ts'
import type { Rolling } from '../rolling/protocol.ts'
import { ReturningRequest } from '../rolling/requests.ts'
import { placeIn, textOf } from '../rolling/returning-client.ts'

export const rolling: Rolling = {
  name: 'rpushd',
  paths: [{ path: '/api/' }],
  hasPlain: true,
  channel: index => `frames-${index}`,
  client: returning => new Listener(returning),
  door: site => protocolDoor(site, own()),
}

function own(): Streaming {
  const protocol = streaming.find(({ name }) => name === 'rpushd')
  if (protocol === undefined) throw new Error('its folder has no streams')
  return protocol
}

class Listener extends ReturningRequest {
  #decode: (bytes: Uint8Array) => readonly Told[] = () => []

  protected parts() {
    const parts = own().subscription(this.channel, textOf(this.place))
    if (this.hasPositions) return parts
    const { since, ...plain } = JSON.parse(String(parts.body))
    return { ...parts, body: JSON.stringify(plain) }
  }

  protected begun(): void {
    this.#decode = own().decoder()
    if (!this.hasPositions) this.opened()
  }

  protected heard(bytes: Buffer): void {
    for (const told of this.#decode(bytes)) {
      if (told.kind === 'message') this.took(told.text)
      if (told.kind !== 'position') continue
      this.opened()
      this.told(placeIn(told.position), told.gap)
    }
  }
}
