// A gate in the thread of a test, what its handler got, and a clock whose time stands still while turns pass.
import { ok } from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { SecureContextOptions } from 'node:tls'
import type { DoorAddress } from '../../src/net/gate/door.ts'
import { type Gate, openGate } from '../../src/net/gate/gate.ts'
import type { GateExchange } from '../../src/net/gate/gate-exchange.ts'
import { type GateLimits, gateDefaults } from '../../src/net/gate/limits.ts'
import type { Address } from '../../src/std/address.ts'
import { type Clock, systemClock } from '../../src/std/clock.ts'
import { FakeClock } from './fake-clock.ts'
import { RawClient } from './raw-client.ts'
import { until } from './until.ts'

export interface ServedGate {
  readonly gate: Gate
  readonly address: Address
  readonly time: FakeClock
  readonly clock: Clock
  /** In the order in which they came. */
  readonly exchanges: GateExchange[]
  /** What surfaced at the end of a turn, where a worker's edge would catch it. */
  readonly thrown: string[]
  connect(): RawClient
  /** The exchange of that number, once it is there. */
  exchange(at: number): Promise<GateExchange>
}

export interface GateScene {
  readonly limits?: Partial<GateLimits>
  readonly handle?: (exchange: GateExchange) => void
  readonly address?: DoorAddress
  readonly tls?: SecureContextOptions
}

export const loopback = { host: '127.0.0.1', port: 0 }

/** Time that a test moves; turns end by themselves. */
function standingClock(time: FakeClock, thrown: string[]): Clock {
  return {
    now: () => time.now(),
    sharedMs: () => time.now(),
    unixMs: () => time.unixMs(),
    cpuMs: () => time.cpuMs(),
    after: (ms, run) => time.after(ms, run),
    every: (ms, run) => time.every(ms, run),
    endOfTurn: run =>
      systemClock.endOfTurn(() => {
        try {
          run()
        } catch (error) {
          thrown.push(String(error))
        }
      }),
  }
}

export async function serveGate(
  t: TestContext,
  { limits = {}, handle = () => {}, address = loopback, tls }: GateScene = {},
): Promise<ServedGate> {
  const time = new FakeClock()
  const exchanges: GateExchange[] = []
  const thrown: string[] = []
  const clock = standingClock(time, thrown)
  const gate = openGate({
    clock,
    limits: { ...gateDefaults, ...limits },
    handle(exchange) {
      exchanges.push(exchange)
      handle(exchange)
    },
  })
  t.after(() => gate.close())
  const door = await gate.listen(address, tls)
  ok(typeof door !== 'string', String(door))
  return {
    gate,
    address: door.address,
    time,
    clock,
    exchanges,
    thrown,
    connect() {
      const client = new RawClient(door.address)
      t.after(() => client.leave())
      return client
    },
    exchange: at => until(`request ${at}`, () => exchanges[at]),
  }
}

/** Answers with what was asked for. */
export function tell(exchange: GateExchange): void {
  exchange.reply(200, 'OK', [], `${exchange.method} ${exchange.target}`)
}

/** The whole body of a request, as text. */
export function textOf({ body }: GateExchange): Promise<string> {
  return new Promise(resolve => {
    let text = ''
    body.read(
      piece => {
        text += piece.toString('latin1')
      },
      () => resolve(text),
    )
  })
}
