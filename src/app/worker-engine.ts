// The engine of one worker, made of what the primary told it.
import { Engine } from '../engine/engine.ts'
import type { EngineDependencies } from '../engine/engine-dependencies.ts'
import type { Access, AccessList } from '../engine/words/access.ts'
import type { Slot } from '../engine/words/link.ts'
import { parseOffset } from '../engine/words/position.ts'
import type { Frontend } from '../frontends/frontend.ts'
import { createSeed } from '../state/reserve.ts'
import { parseChannels } from '../state/state.ts'
import { systemClock } from '../std/clock.ts'
import { systemRandom } from '../std/random.ts'
import type { Log } from '../telemetry/log.ts'
import { LossLog } from './losses.ts'
import { engineSettingsOf, historySettingsOf, type NodeData, ownerMapOf } from './node.ts'

export function openEngine(
  known: readonly Frontend[],
  slot: Slot,
  app: NodeData,
  log: Log<string>,
  {
    opened,
    interest,
    broker,
    elsewhere,
  }: Pick<EngineDependencies, 'opened' | 'interest' | 'broker' | 'elsewhere'>,
): Engine {
  const losses = new LossLog(log, systemClock)
  const engine = new Engine({
    slot,
    clock: systemClock,
    random: systemRandom,
    settings: engineSettingsOf(app.values),
    history: historySettingsOf(app.values),
    namespaces: app.namespaces,
    access: accessOf(app),
    ownerOf: ownerMapOf(app.ring),
    seed: createSeed(app.seed, systemClock, parseOffset),
    sequencing: sequencingOf(known, app),
    opened,
    broker,
    elsewhere,
    ...(interest !== undefined && { interest }),
    lost: loss => losses.lost(loss),
  })
  if (app.restored !== undefined) engine.restore(parseChannels(app.restored), 0)
  // Other nodes may have become owners of some since they were written.
  if (elsewhere !== undefined) engine.release(0)
  return engine
}

/** What the front-ends that run say of drafts with an order. */
function sequencingOf(
  known: readonly Frontend[],
  { values, protocols }: NodeData,
): EngineDependencies['sequencing'] {
  const running = known.filter(({ name }) => protocols.includes(name))
  const said = running.map(({ name, sequencing }) => sequencing?.(values[name] as never)) // read against its section
  return Object.assign({}, ...said)
}

/** The lists of channels that each front-end is kept to. */
function accessOf({ values, protocols }: NodeData): Access {
  const lists = protocols.map(name => {
    const { subscribe, publish } = values[name] as unknown as AccessList // every front-end's section has both
    return [name, { subscribe, publish }] as const
  })
  return new Map(lists)
}
