// What the cases of carriers are played with: one broker, carriers of some nodes, and shorthands.

import { Buffer } from 'node:buffer'
import type { Append, Appended, Carrier, Stretch, Where } from '../../../src/cluster/carrier.ts'
import type { ChannelName } from '../../../src/engine/words/publication.ts'
import { channelName } from '../mesh.ts'
import { until } from '../until.ts'
import { HeardCarrier, notAway } from './heard-carrier.ts'

/** One broker, and carriers of as many nodes as a case wants. */
export interface CarrierStage {
  /** Of the node, not started. */
  open(node: string): Carrier
  /**
   * The broker's past is not to be trusted any more: it starts again with all that it had, or another one took over.
   * Resolves when that has begun; carriers go down and come back by themselves. Undefined: this one cannot be made to.
   */
  changeTerm?: (() => Promise<void>) | undefined
  /** The way to the broker is cut once, for all carriers. Undefined: this one cannot be made to. */
  cut?: (() => Promise<void>) | undefined
}

export interface CarrierCase {
  readonly name: string
  readonly needs?: 'changeTerm' | 'cut'
  play(scene: Scene): Promise<void>
}

/** How far above everything that was ever seen an epoch begins. */
export const jump = 2 ** 18

/** What a case plays with. */
class Scene {
  readonly stage: CarrierStage
  readonly #opened: HeardCarrier[] = []
  /** Channels of no other case on the same broker. */
  readonly #mark: string

  constructor(stage: CarrierStage, mark: string) {
    this.stage = stage
    this.#mark = mark
  }

  channel(name = 'c'): ChannelName {
    return channelName(`${this.#mark}/${name}`)
  }

  /** Up on all lanes. */
  async carrier(node = 'a'): Promise<HeardCarrier> {
    const heard = new HeardCarrier(this.stage.open(node))
    this.#opened.push(heard)
    await heard.ready()
    return heard
  }

  async close(): Promise<void> {
    for (const heard of this.#opened) await heard.close()
  }
}

/** Plays it and ends what it opened. `mark` differs from that of every other case on the same broker. */
export async function playCarrierCase(
  { play }: CarrierCase,
  stage: CarrierStage,
  mark: string,
): Promise<void> {
  const scene = new Scene(stage, mark)
  try {
    await play(scene)
  } finally {
    await scene.close()
  }
}

export function append(channel: ChannelName, text: string, options: Partial<Append> = {}): Append {
  return {
    channel,
    envelope: Buffer.from(text),
    historySize: 100,
    historyTtlMs: 60_000,
    key: undefined,
    keyTtlMs: 60_000,
    reached: 0,
    sequence: undefined,
    ...options,
  }
}

/** Appends one and says its place. */
export async function place(
  heard: HeardCarrier,
  channel: ChannelName,
  text: string,
  options: Partial<Append> = {},
) {
  const [outcome] = await heard.append(append(channel, text, options))
  return notAway<Appended>(outcome ?? 'unknown')
}

export async function asked(heard: HeardCarrier, channel: ChannelName, reached = 0): Promise<Where> {
  return notAway<Where>(await heard.ask(channel, reached))
}

export async function stretch(
  heard: HeardCarrier,
  channel: ChannelName,
  { epoch }: Where,
  from: number,
  to: number,
) {
  const answer = await heard.read(channel, epoch, from, to)
  if (typeof answer === 'string') throw new Error(`the stretch is ${answer}`)
  return texts(answer)
}

function texts({ from, envelopes }: Stretch): readonly [from: number, texts: readonly string[]] {
  return [from, envelopes.map(envelope => Buffer.from(envelope).toString())]
}

/** All its lanes went down and came up again. */
export async function changeTerm({ stage }: Scene, heard: HeardCarrier): Promise<void> {
  const starts = [...heard.starts]
  await stage.changeTerm?.()
  await until('the lanes came back', () => starts.every((count, lane) => (heard.starts[lane] ?? 0) > count))
  await heard.ready()
}
