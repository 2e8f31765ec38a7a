import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { NodeCluster } from '../../../src/app/node-cluster.ts'
import type { ClusterSettings } from '../../../src/cluster/settings.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

const unreadyAfterMs = 10_000

interface Line {
  readonly level: string
  readonly text: string
  readonly code?: string
  readonly suppressed?: number
}

function scene({ mode = 'redis', workers = 2 }: { mode?: 'solo' | 'redis'; workers?: number } = {}) {
  const clock = new FakeClock()
  const lines: Line[] = []
  const write = (level: string) => (fields: object, text: string) => lines.push({ ...fields, level, text })
  const log = { info: write('info'), warn: write('warn') } as unknown as Log // the levels that it uses
  const settings = { mode, unreadyAfterMs } as ClusterSettings // all that it reads
  const random = { hex: (bytes: number) => 'ab'.repeat(bytes) }
  const cluster = new NodeCluster({ clock, random, log, workers, settings: () => settings })
  const tell = (slot: number, reason?: string, isWhole = true) =>
    cluster.told(slot, { type: 'broker', outage: reason && { sinceMs: clock.sharedMs(), reason, isWhole } })
  const passed = (ms: number) => clock.advance(ms)
  const away = () => cluster.status().away
  const codes = () => lines.map(({ code }) => code)
  return { cluster, tell, passed, away, lines, codes }
}

/** Both workers reached it, a while ago. */
function reached() {
  const built = scene()
  built.tell(0)
  built.tell(1)
  built.passed(2_000)
  return built
}

describe('the broker, as the node sees it', () => {
  test('is none where the node stands alone', async () => {
    const { cluster, passed, codes } = scene({ mode: 'solo' })
    await cluster.reached()
    passed(60_000)
    deepEqual([cluster.status(), codes(), cluster.isJoined], [{ mode: 'solo' }, [], false])
  })

  test('makes the node unready until all workers reached it, and is worth a line after 2 s alone', () => {
    const { tell, passed, away, codes } = scene()
    const notYet = { workers: 2, reason: 'it was not reached yet', isTooLong: true }
    deepEqual(away(), { ...notYet, forMs: 0 })
    tell(0)
    passed(1_999)
    deepEqual([away(), codes()], [{ ...notYet, workers: 1, forMs: 1_999 }, []])
    tell(1)
    passed(60_000)
    deepEqual([away(), codes()], [undefined, []])
  })

  test('that is not reached from the start on is told once, and when it is', () => {
    const { tell, passed, away, lines } = scene()
    tell(0, 'refused')
    tell(1, 'refused')
    passed(1_999)
    equal(lines.length, 0)
    passed(1)
    deepEqual(lines, [
      {
        level: 'warn',
        code: 'broker-away',
        reason: 'refused',
        text: 'the broker is away; publishes are refused until it is back',
      },
    ])
    passed(100_000)
    tell(0, 'loading')
    tell(0)
    equal(away()?.workers, 1)
    tell(1)
    deepEqual(lines.slice(1), [
      { level: 'info', code: 'broker-back', awayMs: 102_000, text: 'the broker is back' },
    ])
    equal(away(), undefined)
  })

  test('may be away for a while before the node is not ready', () => {
    const { tell, passed, away } = reached()
    tell(1, 'cut')
    passed(unreadyAfterMs - 1)
    deepEqual(away(), { workers: 1, forMs: unreadyAfterMs - 1, reason: 'cut', isTooLong: false })
    passed(1)
    deepEqual(away(), { workers: 1, forMs: unreadyAfterMs, reason: 'cut', isTooLong: true })
    tell(1)
    equal(away(), undefined)
  })

  test('has one outage, whichever workers see it, until all are back', () => {
    const { tell, passed, away, codes } = reached()
    tell(0, 'cut')
    passed(100)
    tell(1, 'cut')
    passed(100)
    deepEqual([away()?.workers, away()?.forMs], [2, 200])
    tell(0)
    passed(100)
    deepEqual([away()?.workers, away()?.forMs, codes()], [1, 200, ['broker-away']])
    tell(1)
    deepEqual(codes(), ['broker-away', 'broker-back'])
  })

  test('may miss a part for as long as it likes: that is told, and all nodes miss the same', async () => {
    const { cluster, tell, passed, away, codes } = scene()
    tell(0)
    tell(1, '1 of its 3 parts: cut', false)
    await cluster.reached()
    passed(100_000)
    deepEqual([away()?.isTooLong, away()?.reason, codes()], [false, '1 of its 3 parts: cut', ['broker-away']])
    tell(1)
    deepEqual(codes(), ['broker-away', 'broker-back'])
  })

  test('is not away for a worker that is gone, nor for one that has yet to say so', () => {
    const { cluster, tell, away, codes } = reached()
    tell(1, 'cut')
    cluster.left(1)
    deepEqual([away(), codes()], [undefined, ['broker-away', 'broker-back']])
  })

  test('does not flood the log where it comes and goes', () => {
    const { tell, passed, lines, codes } = reached()
    for (let turn = 0; turn < 20; turn++) {
      tell(0, 'cut')
      tell(0)
    }
    equal(codes().length, 10)
    passed(10_000)
    deepEqual(
      lines.slice(10).map(({ code, suppressed }) => [code, suppressed]),
      [
        ['broker-away', 15],
        ['broker-back', 15],
      ],
    )
  })

  test('is waited for by a start, as long as it may be away unseen', async () => {
    const { cluster, tell, passed } = scene()
    let isOver = false
    const waiting = cluster.reached().then(() => {
      isOver = true
    })
    tell(0)
    await Promise.resolve()
    equal(isOver, false)
    tell(1)
    await waiting
    await cluster.reached()

    const away = scene()
    const other = away.cluster.reached()
    away.passed(unreadyAfterMs)
    await other
    passed(0)
  })
})

test('what all workers find is told once an hour', () => {
  const { cluster, passed, lines } = scene()
  const said = () => lines.map(({ code, text }) => [code, text])
  cluster.told(0, { type: 'unfit', text: 'it evicts' })
  cluster.told(1, { type: 'unfit', text: 'it evicts' })
  deepEqual(said(), [['broker-unfit', 'it evicts']])
  passed(3_599_999)
  cluster.told(0, { type: 'unfit', text: 'it evicts' })
  const unfit = () => said().filter(([code]) => code === 'broker-unfit').length
  equal(unfit(), 1)
  passed(1)
  cluster.told(0, { type: 'unfit', text: 'it evicts' })
  equal(unfit(), 2)
})
