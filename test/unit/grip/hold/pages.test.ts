// Next pages on their way (contract §5.6): shared while they are collected, and passed on where they are large.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { type PageReader, type PageShare, Pages } from '../../../../src/frontends/grip/hold/pages.ts'
import { readHeaderInstruct } from '../../../../src/frontends/grip/instruct/from-headers.ts'
import { readJsonInstruct } from '../../../../src/frontends/grip/instruct/from-json.ts'
import { Attempt } from '../../../../src/frontends/grip/proxy/attempt.ts'
import { ruleOf } from '../given.ts'
import { FakeOrigin } from '../proxy/given-origin.ts'

class Reader implements PageReader {
  readonly told: string[] = []
  takesMore = true

  piece(bytes: Uint8Array): boolean {
    this.told.push(bytes.length < 100 ? Buffer.from(bytes).toString() : `${bytes.length} bytes`)
    return this.takesMore
  }

  ended(): void {
    this.told.push('ended')
  }

  failed(isFinal: boolean, why = ''): void {
    this.told.push(`failed${isFinal ? ' for good' : ''}${why && `: ${why}`}`)
  }
}

let origin: FakeOrigin
let pages: Pages

beforeEach(() => {
  origin = new FakeOrigin()
  pages = new Pages()
})

function fetch(reader: PageReader, key = 'k'): PageShare {
  const limits = { channelsMax: 20 }
  const { targets } = ruleOf('* o:80')
  return pages.fetch(
    {
      key,
      options: {
        isPassed: false,
        readHeaders: rawHeaders => readHeaderInstruct(rawHeaders, { ...limits, uri: 'http://h/' }),
        readJson: (status, body) => readJsonInstruct(status, body, limits),
      },
      start: handlers => {
        const request = () => ({ target: { host: 'o', port: 80 }, method: 'GET', path: '/', rawHeaders: [] })
        const test = { path: '/', query: '', pathBeg: '' }
        const asked = { targets, method: 'GET', request, isWhole: () => true, test }
        return new Attempt(origin.dispatch, asked, handlers)
      },
    },
    reader,
  )
}

const stream = ['Grip-Hold', 'stream', 'Grip-Channel', 'a'] as const

describe('a page', () => {
  test('is shared by all who want it while it is collected, and fetched anew by who comes later', () => {
    const readers = [new Reader(), new Reader()]
    const [one, two] = readers
    if (one === undefined || two === undefined) return
    fetch(one)
    origin.last.head(200, ...stream)
    origin.last.body('pa')
    fetch(two)
    origin.last.body('ge')
    deepEqual([origin.calls.length, one.told, two.told], [1, [], []])
    origin.last.end()
    deepEqual(one.told, ['page', 'ended'])
    deepEqual(two.told, ['page', 'ended'])
    fetch(new Reader())
    fetch(new Reader(), 'other')
    equal(origin.calls.length, 3)
  })

  test('of more than 100,000 bytes passes as it comes, and nobody joins any more', () => {
    const [one, two] = [new Reader(), new Reader()]
    fetch(one)
    origin.last.head(200, ...stream)
    origin.last.body('x'.repeat(100_000))
    deepEqual(one.told, [])
    origin.last.body('x')
    deepEqual(one.told, ['100001 bytes'])
    fetch(two)
    equal(origin.calls.length, 2)
    origin.calls[0]?.body('y')
    origin.calls[0]?.end()
    deepEqual(one.told, ['100001 bytes', 'y', 'ended'])
    deepEqual(two.told, [])
  })

  test('waits where all of its readers are behind, and for none that left', () => {
    const [one, two] = [new Reader(), new Reader()]
    const shares = [fetch(one), fetch(two)]
    const call = origin.last
    call.head(200, ...stream)
    one.takesMore = false
    equal(call.body('x'.repeat(100_001)), true)
    two.takesMore = false
    equal(call.body('y'), false)
    shares[1]?.resume()
    deepEqual(call.told, ['resume'])
    equal(call.body('z'), false)
    shares[1]?.giveUp()
    equal(call.body('z'), false)
    shares[0]?.resume()
    deepEqual(call.told, ['resume', 'resume', 'resume'])
  })

  test('that nobody wants any more is given up', () => {
    const [one, two] = [new Reader(), new Reader()]
    const shares = [fetch(one), fetch(two)]
    shares[0]?.giveUp()
    equal(origin.last.isAborted, false)
    shares[1]?.giveUp()
    equal(origin.last.isAborted, true)
    shares[1]?.giveUp()
    deepEqual([one.told, two.told], [[], []])
    fetch(one)
    equal(origin.calls.length, 2)
  })

  test('that an origin refuses may be tried again, and one that is no page may not', () => {
    const rows: readonly [told: string, status: number, body: string, rawHeaders: readonly string[]][] = [
      ['failed', 404, '', []],
      ['failed', 302, '', []],
      ['failed for good', 200, '', ['Grip-Hold', 'nonsense']],
      ['failed for good: Next link returned non-stream hold.', 200, '', ['Grip-Hold', 'response']],
      ['failed for good', 200, '{', ['Content-Type', 'application/grip-instruct']],
      ['failed for good', 200, 'x'.repeat(100_001), ['Content-Type', 'application/grip-instruct']],
      ['ended', 204, '', []],
    ]
    for (const [told, status, body, rawHeaders] of rows) {
      const reader = new Reader()
      fetch(reader)
      origin.last.answer(status, body, ...rawHeaders)
      deepEqual(reader.told, [told])
    }
  })

  test('of JSON has the body that is in it', () => {
    const reader = new Reader()
    fetch(reader)
    const json = JSON.stringify({ hold: { mode: 'stream', channels: [] }, response: { body: 'inner' } })
    origin.last.answer(200, json, 'Content-Type', 'application/grip-instruct')
    deepEqual(reader.told, ['inner', 'ended'])
  })

  test('that broke may be tried again where nobody has seen any of it', () => {
    const reader = new Reader()
    fetch(reader)
    origin.last.head(200, ...stream)
    origin.last.body('x')
    origin.last.fail({ phase: 'receiving' })
    fetch(reader)
    origin.last.head(200, ...stream)
    origin.last.body('x'.repeat(100_001))
    origin.last.fail({ phase: 'receiving' })
    deepEqual(reader.told, ['failed', '100001 bytes', 'failed for good'])
  })
})
