// An endurance run against one daemon: turnover of clients, then deaths of workers, both under load, and restarts.
import { deepEqual, equal } from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type Daemon, startDaemon } from '../daemon.ts'
import { Churn } from '../faulty/churn.ts'
import { demand } from '../faulty/demand.ts'
import { throwing } from '../faulty/frontend.ts'
import { Load, workers } from '../faulty/load.ts'
import { Witness } from '../hostile/witness.ts'
import { runRestarts } from '../restarts.ts'
import { until } from '../until.ts'
import { progress } from './budget.ts'
import { Nuisance, soakEnvironment } from './nuisance.ts'
import { descriptors, lesserOf, type Reading, readingText, takeReading } from './readings.ts'
import { Turnover } from './turnover.ts'
import { visitors } from './visitors.ts'

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
/**
 * Turns of the whole turnover before the baseline, some 70,000 clients, however short the soak is. Tables that fill by
 * design are full after the first. The rest is for V8: it goes on compiling, and its young generations take up the pages
 * that they may. Measured with 3 workers, RSS after 20,000, 40,000 and 60,000 clients was 5 to 8 %, 2 to 5 % and 1 to 3 %
 * below that after 240,000; without optimized code it is level from 60,000 on. What malloc holds never grew.
 */
const warmUpRounds = 5
const settleMs = 30_000
/** Connections that a scrape or a probe had come to their end meanwhile. */
const settledLooks = 40
const readingLooks = 3
const readingPauseMs = 500

export async function endure(t: TestContext, options: EnduranceOptions): Promise<readonly Reading[]> {
  const daemon = await startDaemon({
    workers,
    main: new URL('./main.ts', import.meta.url),
    // Left alone, V8 drops what it compiled for the start some minutes later: a fourth of the heap, which hides a leak.
    flags: ['--expose-gc', '--no-flush-bytecode'],
    environment: soakEnvironment,
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  const readings = await turnOver(t, daemon, options)
  await die(t, daemon, options.deaths)
  equal(await daemon.stop(), 0)
  // The library's line about late upgrades and its end are two writes, and those of two threads mix: see `launch`.
  deepEqual(
    daemon.errors.filter(line => line !== ''),
    [],
  )
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
  const witness = await Witness.start(daemon, { ofAll: false })
  t.after(() => witness.leave())
  const turnover = new Turnover(daemon)
  const readings: Reading[] = []
  const sliceMs = (seconds * 1_000) / slices
  const warmUp = turnover.round * warmUpRounds
  await disturbed(t, daemon, () => turnover.run(warmUp))
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
    const places = all.flatMap(rooms => visitors.map(({ protocol }) => rooms[protocol]?.['places'] ?? 0))
    return places.reduce((sum, count) => sum + count, 0)
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
  return { ...(await leastReading(daemon)), descriptors: least }
}

/** Of some readings a moment apart: what is held for good is in each of them, what is under way only in some. */
async function leastReading(daemon: Daemon): Promise<Reading> {
  let least = await takeReading(daemon)
  for (let look = 1; look < readingLooks; look++) {
    await new Promise(resolve => setTimeout(resolve, readingPauseMs))
    least = lesserOf(least, await takeReading(daemon))
  }
  return least
}

async function die(t: TestContext, daemon: Daemon, deaths: number): Promise<void> {
  const before = descriptors(daemon)
  const load = new Load(daemon)
  await load.start()
  const churn = new Churn(daemon, 8)
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
  const retired = daemon.log.filter(({ code }) => code === 'worker-retired')
  equal(retired.length, deaths, retired.map(({ error }) => String(error)).join('\n'))
  const acknowledged = load.publishers.reduce((sum, publisher) => sum + publisher.acknowledged.length, 0)
  progress(
    `deaths: ${acknowledged} publications, none lost, twice or out of order on streams that stayed open`,
  )
}
