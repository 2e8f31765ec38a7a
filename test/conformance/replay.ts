// Replays a protocol's table of exchanges against the real daemon, with three workers and with one. What the
// wire shows is the driver's matter; here is checked what crossed between workers on the way: with several, each
// publish, and each publication once per worker with subscribers; with one there is no link at all. A daemon for each
// group of settings is what takes the time, so with one worker only rows without settings are played, and rows with settings
// that few have with two, where publishes cross a link as well; the soak has the rest.
import assert, { deepEqual, equal } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { doorsOf } from '../../src/app/doors.ts'
import { ownerMapOf, ringFor } from '../../src/app/node.ts'
import { isPrivate } from '../../src/engine/words/private.ts'
import type { Frontend } from '../../src/frontends/frontend.ts'
import * as registry from '../../src/frontends/registry.ts'
import { AdminClient, adminSecret } from '../helpers/admin-client.ts'
import { type Daemon, startDaemon, type WorkerStatistics } from '../helpers/daemon.ts'
import { until } from '../helpers/until.ts'
import { type Driver, type Ground, type Happening, Late, ownerCounts, type Row } from './table.ts'

const timesMax = 20
const frontends: readonly Frontend[] = Object.values(registry)

/** To be called by a test file of the protocol's, so that the tables of several protocols run side by side. */
export function replayTable<Send, Expect>(
  protocol: string,
  driver: Driver<Send, Expect>,
  exchanges: readonly Row<Send, Expect>[],
): void {
  const main = mainOf(exchanges)
  replayRows(protocol, driver, exchanges, row => {
    if (isCheap(row)) return [1, 3]
    return [row.workers ?? (keyOf(row) === main ? 3 : 2)]
  })
}

/** What `replayTable` leaves out. */
export function replayRest<Send, Expect>(
  protocol: string,
  driver: Driver<Send, Expect>,
  exchanges: readonly Row<Send, Expect>[],
): void {
  const main = mainOf(exchanges)
  replayRows(protocol, driver, exchanges, row => {
    if (isCheap(row) || row.workers !== undefined) return []
    return keyOf(row) === main ? [1] : [1, 3]
  })
}

/** The settings of most rows. */
function mainOf(exchanges: readonly Row[]): string | undefined {
  const groups = [...Map.groupBy(exchanges, keyOf)]
  return groups.toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0]
}

const keyOf = ({ settings }: Row): string => JSON.stringify(settings ?? {})

/** Its daemon is the one of many other rows. */
function isCheap({ settings }: Row): boolean {
  return settings === undefined
}

/** `workersOf`: how many workers a row is played with, one time each; a row that asks for a number is played with that one. */
function replayRows<Send, Expect>(
  protocol: string,
  driver: Driver<Send, Expect>,
  exchanges: readonly Row<Send, Expect>[],
  workersOf: (row: Row<Send, Expect>) => readonly number[],
): void {
  const groups = Map.groupBy(exchanges, keyOf)
  for (const workers of [1, 2, 3]) {
    for (const [settings, rows] of groups) {
      const suiting = rows.filter(
        row => (row.workers ?? workers) === workers && workersOf(row).includes(workers),
      )
      if (suiting.length === 0) continue
      describe(`${protocol}, workers: ${workers}, settings: ${settings}`, () => {
        replay(protocol, driver, suiting, workers, JSON.parse(settings))
      })
    }
  }
}

function replay<Send, Expect>(
  protocol: string,
  driver: Driver<Send, Expect>,
  rows: readonly Row<Send, Expect>[],
  workers: number,
  environment: Readonly<Record<string, string>>,
): void {
  let daemon: Daemon
  let ground: Ground
  let earlier: readonly WorkerStatistics[]
  before(async () => {
    daemon = await startDaemon({
      workers,
      environment: { RINGCAST_ADMIN_SECRET: adminSecret, ...environment },
    })
    ground = groundOf(daemon, protocol, workers, driver)
    earlier = await daemon.statistics()
  })
  after(async () => {
    equal(await daemon.stop(), 0)
    deepEqual(daemon.errors, [])
  })
  for (const row of rows) {
    const play = async () => {
      let happened: readonly Happening[] = []
      try {
        happened = await driver.play(row, ground)
        const now = await daemon.statistics()
        const crossed = crossingsBetween(earlier, now)
        assertCrossed(crossed, expectedCrossings(happened, ground), happened)
        assertCounted(row, driver, countsBetween(earlier, now, protocol))
        if (workers === 1) deepEqual(crossed.links, {}, 'one worker has no link')
      } finally {
        earlier = await atRest(daemon, ground, happened)
      }
    }
    test(`${row.name} (${row.from})`, () => inTime(play))
  }
}

/** A row for which the clock went on too fast says nothing; it is played again. */
async function inTime(play: () => Promise<void>): Promise<void> {
  for (let times = 1; times < timesMax; times++) {
    const late = await play().then(
      () => false,
      error => {
        if (error instanceof Late) return true
        throw error
      },
    )
    if (!late) return
  }
  return play()
}

function groundOf(
  daemon: Daemon,
  protocol: string,
  workers: number,
  { privateView }: Pick<Driver, 'privateView'>,
): Ground {
  const shards = frontends.map(({ name }) => daemon.shards(name)).filter(addresses => addresses.length > 0)
  const own = daemon.shards(protocol)
  const frontend = frontends.find(({ name }) => name === protocol)
  const hasShards = frontend !== undefined && doorsOf(frontend).some(({ perWorker }) => perWorker)
  equal(
    own.length,
    hasShards ? workers : 0,
    'each worker has an address of its own, where the protocol has such a door',
  )
  const admin = new AdminClient(daemon.address('admin'))
  return {
    address: daemon.address(protocol),
    shards: own,
    admin,
    ownerOf: ownerMapOf(ringFor(workers, shards)),
    async ownerView(channel) {
      if (isPrivate(channel)) {
        assert(privateView !== undefined, `${protocol} has a word for private channels`)
        return privateView(channel, admin)
      }
      const { status, text, json } = await admin.ask(`/v1/channels/${encodeURIComponent(channel)}`)
      if (status === 404) return { subscribers: 0, offset: 0 }
      equal(status, 200, text)
      const { position, subscribers } = json()
      return { subscribers, offset: Number(position.split('.')[1]) }
    },
  }
}

/** What moved between workers, by `from to`, and what each worker appended. */
interface Crossings {
  readonly links: Readonly<Record<string, { readonly publishes: number; readonly publications: number }>>
  readonly appended: readonly number[]
}

function crossingsBetween(earlier: readonly WorkerStatistics[], now: readonly WorkerStatistics[]): Crossings {
  const links: Record<string, { publishes: number; publications: number }> = {}
  const grown = (slot: number, room: string, name: string) =>
    (now[slot]?.[room]?.[name] ?? 0) - (earlier[slot]?.[room]?.[name] ?? 0)
  for (const [from, rooms] of now.entries()) {
    for (const room of Object.keys(rooms).filter(name => name.startsWith('link to '))) {
      const counters = rooms[room] ?? {}
      assert(
        'publishes' in counters && 'publications' in counters,
        `${room} counts ${Object.keys(counters).join()}`,
      )
      links[`${from} ${room.slice('link to '.length)}`] = {
        publishes: grown(from, room, 'publishes'),
        publications: grown(from, room, 'publications'),
      }
    }
  }
  return { links, appended: now.map((_, slot) => grown(slot, 'shard', 'publications')) }
}

/** Each publish crosses to the owner, and from there once to each other worker with a subscriber. */
function expectedCrossings(
  happened: readonly Happening[],
  { ownerOf, shards }: Ground,
): Crossings | undefined {
  if (happened.some(({ slot }) => slot === undefined)) return undefined
  const links: Record<string, { publishes: number; publications: number }> = {}
  for (const from of shards.keys()) {
    for (const to of shards.keys())
      if (to !== from) links[`${from} ${to}`] = { publishes: 0, publications: 0 }
  }
  const appended = shards.map(() => 0)
  const subscribed: Happening[] = []
  for (const happening of happened) {
    const { what, channel, slot } = happening
    const owner = ownerOf(channel)
    if (what === 'subscribed') subscribed.push(happening)
    if (what === 'left')
      subscribed.splice(
        subscribed.findIndex(one => one.channel === channel && one.slot === slot),
        1,
      )
    if (what !== 'published') continue
    appended[owner] = (appended[owner] ?? 0) + 1
    const publish = links[`${slot} ${owner}`]
    if (publish) publish.publishes++
    for (const to of new Set(subscribed.filter(one => one.channel === channel).map(one => one.slot))) {
      const publication = links[`${owner} ${to}`]
      if (publication) publication.publications++
    }
  }
  return { links, appended }
}

/** Where any worker may have served, only the sum is known. */
function assertCrossed(
  crossed: Crossings,
  expected: Crossings | undefined,
  happened: readonly Happening[],
): void {
  if (expected !== undefined) return deepEqual(crossed, expected)
  const published = happened.filter(({ what }) => what === 'published').length
  equal(
    crossed.appended.reduce((sum, each) => sum + each, 0),
    published,
    'publications in all shards',
  )
}

function countsBetween(
  earlier: readonly WorkerStatistics[],
  now: readonly WorkerStatistics[],
  protocol: string,
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const [slot, rooms] of now.entries()) {
    for (const [name, value] of Object.entries(rooms[protocol] ?? {})) {
      counts[name] = (counts[name] ?? 0) + value - (earlier[slot]?.[protocol]?.[name] ?? 0)
    }
  }
  return counts
}

function assertCounted(
  row: Pick<Row, 'counts'>,
  { refusalCounters }: Pick<Driver, 'refusalCounters'>,
  counts: Readonly<Record<string, number>>,
): void {
  const expected = { ...Object.fromEntries(refusalCounters.map(name => [name, 0])), ...row.counts }
  for (const [name, count] of Object.entries(expected)) equal(counts[name], count, name)
}

/** The row's connections are gone and the owners know it; what it counted late does not fall to the next row. */
async function atRest(
  daemon: Daemon,
  ground: Ground,
  happened: readonly Happening[],
): Promise<readonly WorkerStatistics[]> {
  const subscribed = happened.filter(({ what }) => what === 'subscribed')
  for (const channel of new Set(subscribed.map(one => one.channel))) await ownerCounts(channel, 0, ground)
  let now: readonly WorkerStatistics[] = []
  await until('all subscribers to be gone', async () => {
    now = await daemon.statistics()
    return now.every(
      ({ hub }) => hub?.['subscribers'] === 0 && hub['channels'] === 0 && hub['patterns'] === 0,
    )
  })
  return now
}
