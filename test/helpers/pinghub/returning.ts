// Clients of this protocol that come back, with a position or without.
import { adminDoor } from '../cluster/numbered-publisher.ts'
import type { Rolling } from '../rolling/protocol.ts'
import { placeIn, textOf } from '../rolling/returning-client.ts'
import { ReturningSocket } from '../rolling/sockets.ts'

export const rolling: Rolling = {
  name: 'pinghub',
  paths: [{ path: '/pinghub/' }],
  hasPlain: true,
  channel: index => `pinghub/roll-${index}`,
  client: returning => new Listener(returning),
  // Its own publishes have no keys, so an application that repeats uses the door of operators.
  door: adminDoor,
}

class Listener extends ReturningSocket {
  protected target(): string {
    return `/${this.channel}${this.hasPositions ? `?since=${textOf(this.place)}` : ''}`
  }

  protected begun(): void {
    if (!this.hasPositions) this.opened()
  }

  protected heard(data: Buffer, isBinary: boolean): void {
    if (!isBinary) return this.took(data.toString())
    const { position, gap } = JSON.parse(data.toString()).ringcast
    this.opened()
    this.told(placeIn(position), gap)
  }
}
