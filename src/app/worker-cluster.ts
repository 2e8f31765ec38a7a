// The cluster as one worker has it, and what the worker tells the primary of it. The primary judges, for the node as a whole.
import type { ClusterNotice, Join, Membership } from '../cluster/membership.ts'
import type { Away, Broker, BrokerEvents } from '../engine/owner/broker.ts'
import type { Slot } from '../engine/words/link.ts'
import type { Clock } from '../std/clock.ts'
import type { Random } from '../std/random.ts'
import type { Counts } from '../telemetry/statistics.ts'
import { clusterSettingsOf, type NodeData, workersOf } from './node.ts'

/** As it crosses threads. */
export type ClusterNews =
  /** Undefined: the worker reaches the broker. `sinceMs` is by `Clock.sharedMs`. */
  { readonly type: 'broker'; readonly away: Away | undefined } | ({ readonly type: 'notice' } & ClusterNotice)

/** How often the worker looks: nobody who reads logs or asks for readiness sees less. */
const lookMs = 100
/** Notices that wait for somebody who listens: a worker that starts has one connection to each server. */
const noticesMax = 100

export class WorkerCluster {
  readonly #clock: Clock
  readonly #membership: Membership | undefined
  readonly #notices: readonly ClusterNotice[]
  #broker: Broker | undefined
  #tell: ((news: ClusterNews) => void) | undefined
  /** What was told of the broker last. */
  #told: string | undefined

  private constructor(clock: Clock, membership: Membership | undefined, notices: readonly ClusterNotice[]) {
    this.#clock = clock
    this.#membership = membership
    this.#notices = notices
  }

  /** Does not wait for the broker. A node that stands alone joins nobody. */
  static async open(
    join: Join,
    slot: Slot,
    { values, nodeId: node, ring }: NodeData,
    { clock, random }: { readonly clock: Clock; readonly random: Random },
  ): Promise<WorkerCluster> {
    const settings = clusterSettingsOf(values)
    if (settings.mode === 'solo') return new WorkerCluster(clock, undefined, [])
    const notices: ClusterNotice[] = []
    let cluster: WorkerCluster | undefined
    const notice = (what: ClusterNotice) => {
      if (cluster !== undefined && cluster.#tell !== undefined) cluster.#tell({ type: 'notice', ...what })
      else if (notices.length < noticesMax) notices.push(what)
    }
    const workers = workersOf(ring)
    const membership = await join({ clock, random, node, slot, workers, settings, notice })
    cluster = new WorkerCluster(clock, membership, notices)
    return cluster
  }

  /** For the engine; undefined where the node stands alone. */
  get broker(): ((events: BrokerEvents) => Broker) | undefined {
    const membership = this.#membership
    if (membership === undefined) return undefined
    return events => {
      this.#broker = membership.broker(events)
      return this.#broker
    }
  }

  /** From now on tells what is the case, and whenever it changes. The engine was made. */
  tellBy(tell: (news: ClusterNews) => void): void {
    if (this.#broker === undefined) return
    this.#tell = tell
    for (const notice of this.#notices) tell({ type: 'notice', ...notice })
    this.#look()
    this.#clock.every(lookMs, () => this.#look())
  }

  statistics(): Counts {
    return { ...this.#broker?.statistics() }
  }

  /** Calls `done` once, within a bound, possibly before it returns. Nothing is published after it. */
  close(done: () => void): void {
    this.#tell = undefined
    if (this.#membership === undefined) done()
    else this.#membership.close(done)
  }

  #look(): void {
    const away = this.#broker?.away
    const now = away === undefined ? '' : `${away.sinceMs} ${away.reason}`
    if (now === this.#told) return
    this.#told = now
    this.#tell?.({ type: 'broker', away: away && this.#shared(away) })
  }

  #shared({ sinceMs, reason }: Away): Away {
    return { sinceMs: this.#clock.sharedMs() - (this.#clock.now() - sinceMs), reason }
  }
}
