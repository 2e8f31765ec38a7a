// The connections of a worker that commands know by their ids (contract §6.7): whether one is there, and the way to have its
// origin asked now.
import type { RoomTopic } from './zmq/topics.ts'

export interface KnownConnection {
  /** By its full name. */
  isSubscribed(channel: string): boolean
  /** An empty request to its origin now, where it has one that is asked by requests. */
  refresh(): void
}

export class Connections {
  readonly #byId = new Map<string, KnownConnection>()

  add(id: string, connection: KnownConnection): void {
    this.#byId.set(id, connection)
  }

  remove(id: string): void {
    this.#byId.delete(id)
  }

  get size(): number {
    return this.#byId.size
  }

  has(id: string): boolean {
    return this.#byId.has(id)
  }

  /** What a command asks all rooms: ids that are here, or how many were refreshed. */
  report(topic: RoomTopic): unknown {
    if (topic.ask === 'conncheck') return topic.ids.filter(id => this.#byId.has(id))
    const { wanted } = topic
    const found =
      'cid' in wanted
        ? [this.#byId.get(wanted.cid)].filter(connection => connection !== undefined)
        : [...this.#byId.values()].filter(connection => connection.isSubscribed(wanted.channel))
    for (const connection of found) connection.refresh()
    return found.length
  }
}
