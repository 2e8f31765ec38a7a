// Two nodes over one Redis that serve GRIP, in front of one origin that keeps a history: for all tests of a file.
import { equal, ok } from 'node:assert/strict'
import { after, before } from 'node:test'
import { type ClusterNode, startNodes } from '../cluster/nodes.ts'
import { doorOf, gripEnvironment } from '../grip-stage.ts'
import { RawClient } from '../raw-client.ts'
import { encodeRequest } from '../raw-http.ts'
import { startRedis } from '../redis/server.ts'
import { HistoryOrigin } from './history-origin.ts'

export interface JoinedNodesOptions {
  readonly workers: number
  readonly environment?: Readonly<Record<string, string>>
}

/** Nodes are told by turns, which go round. */
export class JoinedNodes {
  nodes: readonly ClusterNode[] = []
  readonly #clients: RawClient[] = []
  readonly #endings: (() => unknown)[] = []
  #origin: HistoryOrigin | undefined

  constructor({ workers, environment = {} }: JoinedNodesOptions) {
    before(async () => {
      const ending = { after: (end: () => unknown) => void this.#endings.push(end) }
      const redis = await startRedis(ending)
      const origin = await HistoryOrigin.open()
      this.#origin = origin
      this.#endings.push(() => origin.close())
      this.nodes = await startNodes(ending, {
        workers,
        url: `redis://127.0.0.1:${redis.port}`,
        environment: {
          ...gripEnvironment,
          RINGCAST_GRIP_ROUTES_TEXT: `* ${origin.address}`,
          // Nothing here goes on because its time is over.
          RINGCAST_GRIP_MESSAGE_WAIT_MS: '120000',
          RINGCAST_DRAIN_SPREAD_MS: '0',
          ...environment,
        },
      })
    })
    after(async () => {
      for (const client of this.#clients) client.leave()
      for (const { admin } of this.nodes) admin.leave()
      // Redis last.
      for (const end of this.#endings.reverse()) await end()
    })
  }

  get origin(): HistoryOrigin {
    ok(this.#origin)
    return this.#origin
  }

  at(turn: number): ClusterNode {
    const node = this.nodes[turn % this.nodes.length]
    ok(node)
    return node
  }

  controlAt(turn: number): string {
    return doorOf(this.at(turn).daemon, 'control')
  }

  /** A client that has sent a GET. */
  ask(turn: number, target: string): RawClient {
    const client = new RawClient(this.at(turn).daemon.address('grip'))
    this.#clients.push(client)
    return client.send(encodeRequest({ method: 'GET', target }))
  }

  /** Publishes by HTTP, and sees that it was. */
  async publishAt(turn: number, ...items: readonly object[]): Promise<void> {
    const response = await fetch(`http://${this.controlAt(turn)}/publish/`, {
      method: 'POST',
      body: JSON.stringify({ items }),
    })
    equal(`${response.status} ${await response.text()}`, '200 Published\n')
  }
}
