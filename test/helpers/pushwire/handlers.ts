// Handlers over a scene's engine, for configurations without webhooks.
import { fail } from 'node:assert/strict'
import { Backend } from '../../../src/frontends/pushwire/handlers/backend.ts'
import { Handlers, type HandlersContext } from '../../../src/frontends/pushwire/handlers/handlers.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import type { Scene } from './scene.ts'

export function handlersOf(scene: Scene, counters: HandlersContext['counters']): Handlers {
  const own = { plan: scene.plan, engine: scene.engine(), clock: scene.mesh.clock, counters }
  const calls = { call: () => fail('nobody is called') }
  const log = {} as Log<string> // nothing is written
  return new Handlers({ ...own, backend: new Backend(own), calls, log, timeoutMs: () => 1_000 })
}
