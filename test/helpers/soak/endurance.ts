// An endurance run against one daemon: turnover of clients, then deaths of workers, both under load, and restarts.
import { deepEqual, equal, ok } from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type Daemon, startDaemon } from '../daemon.ts'
import { Churn } from '../faulty/churn.ts'
import { demand } from '../faulty/deaths.ts'
import { throwing } from '../faulty/frontend.ts'
import { Load, workers } from '../faulty/load.ts'
import { Witness } from '../hostile/witness.ts'
import { runRestarts } from '../restarts.ts'
import { until } from '../until.ts'
import { progress } from './budget.ts'
import { Nuisance, nuisanceEnvironment } from './nuisance.ts'
import { changeText, descriptors, type Reading, readingText, slopeOf, takeReading } from './readings.ts'
import { Turnover, turnoverChannels } from './turnover.ts'

export interface EnduranceOptions {
  /** Clients that connect, subscribe and leave. */
  readonly turnover: number
  /** They come over so many seconds, or more where the machine is slow. */
  readonly seconds: number
  readonly deaths: number
  readonly restarts: number
}

/** Between two readings. */
const slices = 8
/** Every channel is met on every address. */
const warmUp = turnoverChannels * (workers + 1)
const settleMs = 30_000
/** Connections that a scrape or a probe had come to their end meanwhile. */
const settledLooks = 40

export async function endure(t: TestContext, options: EnduranceOptions): Promise<readonly Reading[]> {
  const daemon = await startDaemon({
    workers,
    main: new URL('./main.ts', import.meta.url),
    flags: ['--expose-gc'],
    environment: { ...nuisanceEnvironment, RINGCAST_RPUSHD_HEARTBEAT_MS: '1000' },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  const readings = await turnOver(t, daemon, options)
  await die(t, daemon, options.deaths)
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
  progress(`${options.restarts} restarts with a state directory`)
  const restarts = await runRestarts({ restarts: options.restarts, clients: 50, messagesPerSecond: 500 })
  progress(`restarts: ${restarts.acknowledged} publications, none lost, twice or out of order`)
  return readings
}

/** Readings are taken with nothing but the witness's streams open, before the turnover and after each part of it. */
async function turnOver(
  t: TestContext,
  daemon: Daemon,
  { turnover: count, seconds }: EnduranceOptions,
): Promise<readonly Reading[]> {
  const witness = await Witness.start(daemon)
  t.after(() => witness.leave())
  const turnover = new Turnover(daemon)
  const readings: Reading[] = []
  const sliceMs = (seconds * 1_000) / slices
  await disturbed(t, daemon, () => turnover.run(warmUp, sliceMs))
  readings.push(await settle(daemon, Number.POSITIVE_INFINITY))
  progress(`after ${warmUp} clients to warm up: ${readingText(readings[0] as Reading)}`) // just pushed
  for (let slice = 1; slice <= slices; slice++) {
    const part = Math.ceil(count / slices)
    await disturbed(t, daemon, () => turnover.run(part, sliceMs))
    const reading = await settle(daemon, readings[0]?.descriptors ?? 0)
    readings.push(reading)
    progress(`after ${part * slice} clients: ${readingText(reading)}`)
  }
  await witness.finish()
  witness.leave()
  const { opened, left, lost } = turnover
  progress(
    `${opened} streams opened, ${left} clients left early, ${lost} lost; ${witness.published} publications, none lost, twice or out of order`,
  )
  equal(lost, 0, 'clients were not answered')
  deepEqual(
    daemon.log.filter(({ level }) => level >= 40),
    [],
  )
  return readings
}

/** With slow and dead readers, scrapes and reloads meanwhile. */
async function disturbed(t: TestContext, daemon: Daemon, act: () => Promise<void>): Promise<void> {
  const nuisance = new Nuisance(daemon)
  t.after(() => nuisance.stop())
  await act()
  await nuisance.stop()
}

/** Waits until what the last clients had open is closed. */
async function settle(daemon: Daemon, descriptorsMax: number): Promise<Reading> {
  const streams = async () => {
    const all = await daemon.statistics()
    return all.reduce((sum, { rpushd }) => sum + (rpushd?.['places'] ?? 0), 0)
  }
  const witnesses = 2 * workers
  await until('streams to be closed', async () => (await streams()) <= witnesses, settleMs)
  let [least, looks] = [Number.POSITIVE_INFINITY, 0]
  await until(
    'descriptors to be given back',
    () => {
      least = Math.min(least, descriptors(daemon))
      return least <= descriptorsMax && ++looks > settledLooks
    },
    settleMs,
  )
  return { ...(await takeReading(daemon)), descriptors: least }
}

async function die(t: TestContext, daemon: Daemon, deaths: number): Promise<void> {
  const before = descriptors(daemon)
  const load = new Load(daemon)
  await load.start()
  const churn = new Churn(daemon.address('rpushd'), 8)
  t.after(async () => void (await Promise.allSettled([churn.stop(), load.stop()])))
  for (let round = 0; round < deaths; round++) {
    const seen = daemon.log.length
    const slot = round % workers
    const client = await demand(daemon, slot, throwing[round % throwing.length] ?? '')
    await until(`a new worker in slot ${slot}`, () =>
      daemon.log.slice(seen).find(({ msg }) => msg === 'a new worker serves'),
    )
    client.leave()
    await load.reopen(slot)
    await load.flows()
    load.check()
    if ((round + 1) % 10 === 0 || round + 1 === deaths) progress(`${round + 1} of ${deaths} workers died`)
  }
  await churn.stop()
  await load.stop()
  await until('descriptors to be given back', () => descriptors(daemon) <= before, settleMs)
  ok(daemon.log.filter(({ code }) => code === 'worker-retired').length === deaths)
  const acknowledged = load.publishers.reduce((sum, publisher) => sum + publisher.acknowledged.length, 0)
  progress(
    `deaths: ${acknowledged} publications, none lost, twice or out of order on streams that stayed open`,
  )
}

/** One line for people; what must hold is asserted by the test. */
export function verdictOf(readings: readonly Reading[]): string {
  const [first] = readings
  const last = readings.at(-1)
  if (first === undefined || last === undefined) return 'no reading'
  const slope = (of: (reading: Reading) => number) => slopeOf(readings.map(of)).toFixed(2)
  const memory = (['rssMiB', 'heapMiB'] as const).map(name => {
    const text = changeText(first[name], last[name])
    const holds = last[name] <= first[name] * 1.02
    return `${name} ${text} (${slope(reading => reading[name])} a part; at most 2 % more: ${holds ? 'yes' : 'NO'})`
  })
  const descriptorText = `descriptors ${slope(reading => reading.descriptors)} a part`
  const handleText = `handles ${slope(reading => reading.handles)} a part`
  return `losses 0, duplicates 0, disorder 0; ${descriptorText}; ${handleText}; ${memory.join('; ')}`
}
