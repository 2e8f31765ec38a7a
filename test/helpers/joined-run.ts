// Plays a sequence on two joined nodes with two workers each, and lets everything arrive in the end.
import { equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import type { PublishOutcome } from '../../src/engine/router.ts'
import { formatPosition, type Position, parsePosition } from '../../src/engine/words/position.ts'
import { CommonOrder, JoinedTrack } from './joined-track.ts'
import { Joint, type JointFault } from './joint.ts'
import { JointNode } from './joint-node.ts'
import { channelName, Mesh, type MeshOptions } from './mesh.ts'

/** How often each is played. */
const weights = {
  publish: 12,
  burst: 2,
  subscribe: 3,
  resume: 2,
  pattern: 2,
  leave: 1,
  block: 2,
  unblock: 1,
  turn: 4,
  deliver: 3,
  settle: 3,
  cut: 1,
  mend: 1,
  hold: 1,
  release: 1,
  renumber: 2,
  replace: 1,
  kill: 1,
  lose: 1,
  start: 2,
  pass: 1,
} as const

type Kind = keyof typeof weights

export interface JoinedOp {
  readonly op: Kind
  readonly node: number
  readonly slot: number
  /** Of a channel, a client, a size, or how far back. */
  readonly which: number
}

const kinds = (Object.entries(weights) as [Kind, number][]).flatMap(
  (
    [kind, weight], // of that very record
  ) => Array.from({ length: weight }, () => kind),
)

export const joinedOps: fc.Arbitrary<JoinedOp[]> = fc.array(
  fc.record({ op: fc.constantFrom(...kinds), node: fc.nat(1), slot: fc.nat(1), which: fc.nat(7) }),
  { maxLength: 80, size: 'max' },
)

/** The second keeps no history. Most of what happens happens to the first. */
const channels = ['c0', 'c1', 'd0']

class NotedJoint extends Joint {
  readonly order = new CommonOrder()

  override append(...[draft, keep]: Parameters<Joint['append']>): ReturnType<Joint['append']> {
    const { epoch, next } = this.channel(draft.channel).now
    const text = Buffer.from(draft.content.payload).toString()
    // Before anybody is told.
    this.order.note(draft.channel, text, formatted(epoch, next))
    return super.append(draft, keep)
  }

  protected override begun(epoch: string): void {
    this.order.begun(epoch)
  }
}

function formatted(epoch: Position['epoch'], next: number): Position {
  const { offset } = parsePosition(`${epoch}.${next}`) ?? { offset: undefined }
  if (offset === undefined) throw new RangeError('a joint gives places')
  return { epoch, offset }
}

/** Throws where somebody is told what the common order rules out. */
export function checkJoined(ops: readonly JoinedOp[], fault?: JointFault): void {
  const run = new JoinedRun(fault)
  for (const op of ops) run.play(op)
  run.finish()
}

class JoinedRun {
  readonly joint: NotedJoint
  readonly #nodes: readonly JointNode[]
  readonly #meshes: readonly Mesh[]
  readonly #tracks: { readonly track: JoinedTrack; readonly mesh: Mesh; readonly slot: number }[] = []
  readonly #outcomes: { readonly mesh: Mesh; readonly outcomes: PublishOutcome[] }[] = []
  #texts = 0

  constructor(fault: JointFault | undefined) {
    this.joint = new NotedJoint(fault)
    this.#nodes = [new JointNode(this.joint), new JointNode(this.joint)]
    const options: MeshOptions = {
      workers: 2,
      settings: { linkBytesMax: 400, fanoutBytesMax: 120 },
      history: { size: 6 },
      namespaces: [{ pattern: 'c1', historySize: 0 }],
    }
    this.#meshes = this.#nodes.map(node => new Mesh({ ...options, node }))
  }

  play({ op, node, slot, which }: JoinedOp): void {
    const mesh = this.#meshes[node] ?? this.#mesh
    const engine = mesh.engines[slot]
    const channel = channels[which - 5] ?? 'c0'
    const isThere = engine !== undefined && mesh.opened.includes(slot)
    if (op === 'publish' && isThere) this.#publish(mesh, slot, channel, which)
    else if (op === 'burst' && isThere)
      for (let times = 0; times < 6; times++) this.#publish(mesh, slot, channel, which)
    else if ((op === 'subscribe' || op === 'resume') && isThere)
      this.#subscribe(mesh, slot, channel, op === 'resume' ? which : undefined)
    else if (op === 'pattern' && isThere) this.#watch(mesh, slot, which % 2 === 0 ? 'c*' : '*')
    else if (op === 'leave' || op === 'block' || op === 'unblock') this.#playClient(op, which)
    else if (op === 'turn') mesh.turn(slot)
    else if (op === 'deliver') mesh.deliver(slot, 1 - slot)
    else if (op === 'settle') mesh.settle()
    else if (op === 'renumber' || op === 'replace') this.joint.renumber(channel, op === 'renumber')
    else if (op === 'pass') mesh.advance(100)
    else if (op === 'start') this.#start(mesh, slot)
    else if ((op === 'kill' || op === 'lose') && engine !== undefined) this.#end(mesh, slot, op === 'kill')
    else if (engine !== undefined) this.#playBroker(op, node, slot)
  }

  /** Everybody is there again, and takes everything. */
  finish(): void {
    for (const [index, mesh] of this.#meshes.entries()) {
      for (const slot of [0, 1]) {
        this.#start(mesh, slot)
        this.#playBroker('mend', index, slot)
        this.#playBroker('release', index, slot)
      }
    }
    this.#settle()
    for (let round = 0; round < 3; round++) {
      for (const { track, mesh, slot } of this.#tracks) {
        track.writable = true
        // Others went with their worker.
        if (track.isOpen) mesh.engines[slot]?.drained(track)
      }
      this.#settle()
    }
    for (const channel of channels) {
      for (const mesh of this.#meshes) {
        const outcomes = this.#publish(mesh, 0, channel, 0)
        this.#settle()
        equal(typeof outcomes[0], 'object', `the last publishes are taken, not ${outcomes[0]}`)
      }
    }
    for (const { track } of this.#tracks) if (track.isOpen) track.complete()
    // A hub heals itself of what comes out of order, so that no client would show it.
    for (const engine of this.#meshes.flatMap(({ engines }) => engines))
      equal(engine?.statistics().hub['disorders'], 0, 'a hub is sent what does not follow')
    for (const { outcomes } of this.#outcomes) ok(outcomes.length <= 1, 'an answer comes once')
  }

  get #mesh(): Mesh {
    const [mesh] = this.#meshes
    if (mesh === undefined) throw new Error('there are two')
    return mesh
  }

  #settle(): void {
    this.joint.settle(...this.#meshes)
  }

  #publish(mesh: Mesh, slot: number, channel: string, size: number): PublishOutcome[] {
    const outcomes = mesh.publish(slot, channel, `m${++this.#texts}${'x'.repeat(size * 8)}`)
    this.#outcomes.push({ mesh, outcomes })
    return outcomes
  }

  #subscribe(mesh: Mesh, slot: number, channel: string, back: number | undefined): void {
    const order = this.joint.order.of(channel)
    const since = back === undefined ? undefined : order[order.length - 1 - back]?.position
    const track = new JoinedTrack(channel, this.joint.order, channels, since)
    const after = since && parsePosition(formatPosition(since))
    this.#tracks.push({ track, mesh, slot })
    const outcome = mesh.engines[slot]?.subscribe(channelName(channel), track, { via: 'test', since: after })
    if (typeof outcome === 'object') track.subscription = outcome
    else track.isOpen = false
  }

  #watch(mesh: Mesh, slot: number, pattern: string): void {
    const fitting = channels.filter(channel => pattern === '*' || channel.startsWith('c'))
    const track = new JoinedTrack(pattern, this.joint.order, fitting)
    this.#tracks.push({ track, mesh, slot })
    const options = { via: 'test', since: undefined }
    const outcome = mesh.engines[slot]?.subscribePattern(channelName(pattern), track, options)
    if (typeof outcome === 'object') track.subscription = outcome
    else track.isOpen = false
  }

  #playClient(op: 'leave' | 'block' | 'unblock', which: number): void {
    const { track, mesh, slot } = this.#tracks[which % Math.max(1, this.#tracks.length)] ?? {}
    if (track === undefined || mesh === undefined || slot === undefined || !track.isOpen) return
    if (op !== 'leave') {
      track.writable = op === 'unblock'
      if (track.writable) mesh.engines[slot]?.drained(track)
      return
    }
    track.isOpen = false
    if (track.subscription !== undefined) mesh.engines[slot]?.unsubscribe(track.subscription)
  }

  #playBroker(op: JoinedOp['op'], node: number, slot: number): void {
    const broker = this.#nodes[node]?.broker(slot)
    if (broker === undefined) return
    if (op === 'cut' && broker.away === undefined) broker.cut()
    if (op === 'mend' && broker.away !== undefined) broker.mend()
    if (op === 'hold') broker.isHeld = true
    if (op === 'release') broker.release()
  }

  /** Its clients are gone with it. */
  #end(mesh: Mesh, slot: number, farewell: boolean): void {
    for (const each of this.#tracks) if (each.mesh === mesh && each.slot === slot) each.track.isOpen = false
    mesh.kill(slot, { farewell })
  }

  #start(mesh: Mesh, slot: number): void {
    if (mesh.engines[slot] === undefined) mesh.start(slot)
  }
}
