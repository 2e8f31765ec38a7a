// Clients of this protocol that come back with their cursors.

import { adminDoor } from '../cluster/numbered-publisher.ts'
import type { Rolling } from '../rolling/protocol.ts'
import type { Returning } from '../rolling/returning-client.ts'
import { ReturningSocket } from '../rolling/sockets.ts'
import { clientIdOf } from './wire-client.ts'

export const rolling: Rolling = {
  name: 'pushwire',
  paths: [{ path: '/rps' }],
  hasPlain: false,
  channel: index => `wire-${index}`,
  client: (returning, number) => new Listener(returning, number),
  // A frame of a client has no key, so an application that repeats uses the door of operators.
  door: adminDoor,
}

class Listener extends ReturningSocket {
  readonly #clientId: string

  constructor(returning: Returning, number: number) {
    super(returning)
    this.#clientId = clientIdOf(number)
  }

  protected target(): string {
    return '/rps'
  }

  protected begun(): void {
    const { channel, place } = this
    const resume = place && {
      resume_cursors: { [channel]: place.offset },
      resume_epochs: { [channel]: place.epoch },
    }
    const payload = { op: 'auth', client_id: this.#clientId, capabilities: [channel], ...resume }
    this.say({ channel: 'system', payload })
  }

  protected heard(data: Buffer): void {
    const { channel, cursor, payload } = JSON.parse(data.toString())
    if (channel === this.channel) {
      const epoch = this.place?.epoch ?? ''
      return this.took(JSON.stringify(payload), { epoch, offset: cursor })
    }
    const { op, epoch, from_cursor, resume_epochs, resume_heads } = payload
    if (op === 'error') this.words.push(JSON.stringify(payload))
    if (op === 'resume_required') this.told({ epoch, offset: from_cursor - 1 }, true)
    if (op !== 'auth_ok') return
    this.opened()
    if (this.place !== undefined) return
    this.told({ epoch: resume_epochs[this.channel], offset: resume_heads[this.channel] }, false)
  }
}
