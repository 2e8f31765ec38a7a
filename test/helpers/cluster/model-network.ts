// The servers of a model, and the connections of its nodes: cut, moved and made anew as the model says.
import type { ChannelName } from '../../../src/engine/words/publication.ts'
import type { FakeClock } from '../fake-clock.ts'
import type { MemoryCarrier } from './memory-carrier.ts'
import type { MemoryCluster } from './memory-cluster.ts'
import type { MemoryConnection } from './memory-connection.ts'
import type { ClusterOp } from './model-ops.ts'

export class ModelNetwork {
  readonly #cluster: MemoryCluster
  readonly #clock: FakeClock
  readonly #channels: readonly ChannelName[]
  /** Deliveries that got lost on a connection that lived on. */
  drops = 0

  constructor(cluster: MemoryCluster, clock: FakeClock, channels: readonly ChannelName[]) {
    this.#cluster = cluster
    this.#clock = clock
    this.#channels = channels
  }

  connect(op: ClusterOp & { readonly node: number }): void {
    const { carriers, lanes } = this.#cluster
    const carrier = carriers[op.node % carriers.length]
    if (carrier === undefined) return
    if (op.op === 'move') return void this.#move(carrier)
    if (op.op === 'run') return this.#run(carrier)
    if (!('lane' in op)) return
    const lane = op.lane % lanes.length
    const connection = carrier.connections[lane]
    if (op.op === 'connect') carrier.connect(lane)
    else if (op.op === 'cut') carrier.cut(lane, op)
    else if (op.op === 'drop') this.drops += connection?.drop() ? 1 : 0
    else if (op.op === 'lose') connection?.lose(this.#channels.filter(name => carrier.laneOf(name) === lane))
    else if (op.op === 'write') connection?.write()
    else if (op.op === 'execute') connection?.execute()
    else connection?.hear()
  }

  serve(op: ClusterOp & { readonly op: 'promote' | 'restart' | 'replicate' }): void {
    const { lanes } = this.#cluster
    const broker = lanes[op.lane % lanes.length]
    if (op.op === 'promote') broker?.promote()
    else if (op.op === 'replicate') broker?.master.replicate(op.steps)
    else {
      broker?.restart(op.how)
      this.#cutStale()
    }
  }

  /** What is down comes back, to the servers of now, and everything under way moves. False: there was nothing to do. */
  comeBack(): boolean {
    let busy = this.#cutStale()
    for (const carrier of this.#cluster.carriers) {
      for (let lane = 0; lane < carrier.lanes; lane++) busy = carrier.connect(lane) || busy
      busy = this.#move(carrier) || busy
    }
    return busy
  }

  #run(carrier: MemoryCarrier): void {
    for (let round = 0; round < 10; round++) {
      for (let lane = 0; lane < carrier.lanes; lane++) carrier.connect(lane)
      this.#move(carrier)
      this.#clock.turn()
    }
  }

  /** Connections to servers that were replaced end. */
  #cutStale(): boolean {
    let some = false
    for (const carrier of this.#cluster.carriers)
      for (const [lane, connection] of carrier.connections.entries()) {
        if (connection === undefined || connection.server === this.#cluster.lanes[lane]?.master) continue
        some = carrier.cut(lane) || some
      }
    return some
  }

  #move(carrier: MemoryCarrier): boolean {
    let some = false
    for (const connection of carrier.connections)
      if (connection !== undefined) some = pump(connection) || some
    return some
  }
}

function pump(connection: MemoryConnection): boolean {
  let some = false
  while (connection.write()) some = true
  while (connection.execute()) some = true
  while (connection.hear()) some = true
  return some
}
