// The cluster as one worker has it, and what the worker tells the primary of it. The primary judges, for the node as a whole.
import type { About, Difference } from '../cluster/about.ts'
import type { Join, Joined, JoinOptions, Membership } from '../cluster/membership.ts'
import type { Away, Broker, BrokerEvents } from '../engine/owner/broker.ts'
import { channelNamespaces } from '../engine/words/access.ts'
import type { Slot } from '../engine/words/link.ts'
import type { Clock } from '../std/clock.ts'
import type { Random } from '../std/random.ts'
import type { Log } from '../telemetry/log.ts'
import { BrokerLog } from './broker-log.ts'
import { clusterSettingsOf, engineSettingsOf, historySettingsOf, type NodeData, workersOf } from './node.ts'

/** As it crosses threads. */
export type ClusterNews =
  | { readonly type: 'broker'; readonly outage: Outage | undefined }
  | { readonly type: 'unfit'; readonly text: string }
  /** All nodes that are not alike, as far as this worker knows. */
  | { readonly type: 'differs'; readonly differences: readonly Difference[] }

/** What a worker does not reach; `sinceMs` is by `Clock.sharedMs`. */
export interface Outage extends Away {
  /** No part of the broker is reached. */
  readonly isWhole: boolean
}

interface Surroundings {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log<string>
  /** What the node says of itself. */
  readonly about: About
}

/** How often the worker looks: nobody who reads logs or asks for readiness sees less. */
const lookMs = 100
/** What waits for somebody who listens: a worker that starts has one connection to each server. */
const earlyMax = 100
/** As for the deadline of a stop: a carrier has one for each of its steps, and this ends one that does not keep to it. */
const closeMsMax = 2_000

export class WorkerCluster {
  readonly #clock: Clock
  readonly #early: ClusterNews[] = []
  #membership: Membership | undefined
  #joined: Joined | undefined
  #tell: ((news: ClusterNews) => void) | undefined
  /** What was told of the broker last. */
  #told: string | undefined
  /** Of the part that was lost last, and when some part was first. */
  #partial: Away | undefined
  #isClosed = false

  private constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Does not wait for the broker. A node that stands alone joins nobody. */
  static async open(
    join: Join,
    slot: Slot,
    app: NodeData,
    { clock, random, log, about }: Surroundings,
  ): Promise<WorkerCluster> {
    const cluster = new WorkerCluster(clock)
    const { values, nodeId: node, ring, namespaces } = app
    const settings = clusterSettingsOf(values)
    if (settings.mode === 'solo') return cluster
    const brokerLog = new BrokerLog(log, clock)
    const options: JoinOptions = {
      clock,
      random,
      node,
      slot,
      workers: workersOf(ring),
      settings,
      idempotencyMs: engineSettingsOf(values).idempotencyMs,
      historyBytesMax: historySettingsOf(values).workerBytesMax,
      namespaceOf: channelNamespaces(namespaces),
      about,
      differs: differences => cluster.#say({ type: 'differs', differences }),
      unfit: text => cluster.#say({ type: 'unfit', text }),
      notice(notice, fields) {
        if (notice === 'broker-away') cluster.#lost(String(fields['reason']))
        else if (notice !== 'broker-back') brokerLog.write(notice, fields)
      },
    }
    cluster.#membership = await join(options)
    return cluster
  }

  /** For the engine; undefined where the node stands alone. */
  get broker(): ((events: BrokerEvents) => Broker) | undefined {
    const membership = this.#membership
    if (membership === undefined) return undefined
    return events => {
      this.#joined = membership.open(events)
      return this.#joined
    }
  }

  /** From now on tells what is the case, and whenever it changes. The engine was made. */
  tellBy(tell: (news: ClusterNews) => void): void {
    if (this.#joined === undefined) return
    this.#tell = tell
    for (const news of this.#early.splice(0)) tell(news)
    this.#look()
    this.#clock.every(lookMs, () => this.#look())
  }

  /** Gives up what is held of the broker; then, or when that takes too long, calls `done` once. Nothing is published after it. */
  close(done: () => void): void {
    this.#tell = undefined
    const joined = this.#joined
    if (joined === undefined || this.#isClosed) return done()
    this.#isClosed = true
    let isTold = false
    const tell = () => {
      if (!isTold) done()
      isTold = true
    }
    this.#clock.after(closeMsMax, tell)
    joined.close(tell)
  }

  #lost(reason: string): void {
    this.#partial = { sinceMs: this.#partial?.sinceMs ?? this.#clock.now(), reason }
  }

  #look(): void {
    const outage = this.#outage()
    const now = outage === undefined ? '' : `${outage.sinceMs} ${outage.isWhole} ${outage.reason}`
    if (now === this.#told) return
    this.#told = now
    const { clock, sinceMs = 0 } = { clock: this.#clock, sinceMs: outage?.sinceMs }
    const shared = outage && { ...outage, sinceMs: clock.sharedMs() - (clock.now() - sinceMs) }
    this.#say({ type: 'broker', outage: shared })
  }

  /** By the clock of this thread. */
  #outage(): Outage | undefined {
    const { away, upLanes = 0 } = this.#joined ?? {}
    const lanes = this.#membership?.lanes ?? 0
    if (away !== undefined) return { ...away, isWhole: true }
    if (upLanes === lanes) {
      this.#partial = undefined
      return undefined
    }
    this.#partial ??= { sinceMs: this.#clock.now(), reason: 'not reached yet' }
    const { sinceMs, reason } = this.#partial
    return { sinceMs, reason: `${lanes - upLanes} of its ${lanes} parts: ${reason}`, isWhole: false }
  }

  #say(news: ClusterNews): void {
    if (this.#tell !== undefined) this.#tell(news)
    else if (!this.#isClosed && this.#early.length < earlyMax) this.#early.push(news)
  }
}
