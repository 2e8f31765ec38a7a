// The cluster as the primary has it: what its workers tell of it, for readiness, for the log, and for the start, which waits
// a while for the broker.
import type { ClusterStatus } from '../admin/status.ts'
import type { ClusterSettings } from '../cluster/settings.ts'
import type { Slot } from '../engine/words/link.ts'
import type { Clock } from '../std/clock.ts'
import type { Random } from '../std/random.ts'
import type { Log } from '../telemetry/log.ts'
import { BrokerOutages } from './broker-outages.ts'
import { DifferingNodes } from './differing-nodes.ts'
import type { ClusterNews } from './worker-cluster.ts'

export interface NodeClusterDependencies {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly workers: number
  /** Those in force now. */
  settings(): ClusterSettings
}

/** So that no two starts of all nodes of a cluster are called alike. */
const nodeIdBytes = 8
/** Each worker finds the same, and finds it again with each connection. */
const noticeAgainMs = 3_600_000
/** There are few kinds of them; a text that is always another one must not grow without end. */
const noticesMax = 100

export class NodeCluster {
  readonly #dependencies: NodeClusterDependencies
  readonly #outages: BrokerOutages
  readonly #differing: DifferingNodes
  /** When each sentence was logged. */
  readonly #noticed = new Map<string, number>()
  readonly nodeId: string
  readonly isJoined: boolean

  constructor(dependencies: NodeClusterDependencies) {
    this.#dependencies = dependencies
    const { clock, random, log, workers, settings } = dependencies
    this.nodeId = random.hex(nodeIdBytes)
    this.isJoined = settings().mode !== 'solo'
    this.#differing = new DifferingNodes(log)
    this.#outages = new BrokerOutages({ clock, log, workers, isJoined: this.isJoined })
  }

  /** What came by `Station.tell`. */
  told(slot: Slot, what: unknown): void {
    const news = what as ClusterNews // sent by this build's own `WorkerCluster`
    if (news.type === 'broker') this.#outages.told(slot, news.outage)
    else if (news.type === 'differs') this.#differing.told(slot, news.differences)
    else this.#unfit(news.text)
  }

  /** The worker serves no more. */
  left(slot: Slot): void {
    this.#outages.left(slot)
    this.#differing.left(slot)
  }

  status(): ClusterStatus {
    const { mode, unreadyAfterMs } = this.#dependencies.settings()
    if (!this.isJoined) return { mode }
    const away = this.#outages.away(unreadyAfterMs)
    const differs = this.#differing.all()
    return {
      mode,
      nodeId: this.nodeId,
      ...(away && { away }),
      ...(differs.length > 0 && { differs }),
    }
  }

  /**
   * A node that listens while it cannot reach the broker has to refuse whoever comes, and some clients, a browser's
   * `EventSource` among them, take that for the last word. So a start waits for it, but not longer than a broker may be away
   * unseen: what needs no broker is served from then on, and readiness says the rest.
   */
  reached(): Promise<void> {
    return this.#outages.reached(this.#dependencies.settings().unreadyAfterMs)
  }

  #unfit(text: string): void {
    const { clock, log } = this.#dependencies
    const last = this.#noticed.get(text)
    const now = clock.now()
    if (last !== undefined && now - last < noticeAgainMs) return
    if (last === undefined && this.#noticed.size >= noticesMax) this.#noticed.clear()
    this.#noticed.set(text, now)
    log.warn({ code: 'broker-unfit' }, text)
  }
}
