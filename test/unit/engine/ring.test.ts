// The owner maps against published points of nginx's ring. A real nginx is asked in integration/nginx-ring.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { ketamaPoints, ketamaRing, plainRing, type RingPoints } from '../../../src/engine/ring.ts'

const servers = ['127.0.0.1:9101', '127.0.0.1:9102', '127.0.0.1:9103', '127.0.0.1:9104']

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** The only four bytes with this CRC-32; with it a test can look exactly at, before and behind a point. */
function keyWithCrc(value: number): Uint8Array {
  let state = ~value
  for (let byte = 0; byte < 4; byte++) {
    const index = table.findIndex(entry => entry >>> 24 === state >>> 24)
    state = ((state ^ (table[index] ?? 0)) << 8) | index
  }
  const key = Buffer.alloc(4)
  key.writeInt32LE(~state)
  assert.equal(crc32(key), value >>> 0)
  return key
}

const ketamaKeys = [
  { name: 'one letter', key: 'a', owner: 9103 },
  { name: 'a word', key: 'news', owner: 9104 },
  { name: 'a name with a slash', key: 'room/42', owner: 9104 },
  { name: 'a path', key: '/sub/news', owner: 9104 },
  { name: 'text outside ASCII hashes as UTF-8', key: 'κόσμε', owner: 9101 },
  { name: 'the first point', key: keyWithCrc(0x0018e35f), owner: 9104 },
  { name: 'the lowest hash belongs to the first point', key: keyWithCrc(0), owner: 9104 },
  { name: 'just behind the first point', key: keyWithCrc(0x0018e360), owner: 9102 },
  { name: 'the second point', key: keyWithCrc(0x01cd55e8), owner: 9102 },
  { name: 'the third point', key: keyWithCrc(0x0217200a), owner: 9104 },
  { name: 'the fourth point', key: keyWithCrc(0x022b474e), owner: 9102 },
  { name: 'the fifth point', key: keyWithCrc(0x022e365c), owner: 9103 },
  { name: 'the last point', key: keyWithCrc(0xffc9ba22), owner: 9102 },
  { name: 'behind the last point the ring starts again', key: keyWithCrc(0xffc9ba23), owner: 9104 },
  { name: 'the highest hash', key: keyWithCrc(0xffffffff), owner: 9104 },
  { name: 'a point of 9101', key: keyWithCrc(0xd62435b0), owner: 9101 },
  { name: 'another point of 9101', key: keyWithCrc(0x77aeca16), owner: 9101 },
]

for (const { name, key, owner } of ketamaKeys) {
  test(`ketama: ${name}`, () => {
    assert.equal(servers[ketamaRing(servers)(key)], `127.0.0.1:${owner}`)
  })
}

test('ketama: bytes and text of one key have one owner', () => {
  const ring = ketamaRing(servers)
  for (const key of ['', 'news', 'κόσμε', '😀']) assert.equal(ring(Buffer.from(key)), ring(key))
})

/** How often two label lists agree on an owner's index. */
function agreement(a: readonly string[], b: readonly string[]): number {
  const [ringA, ringB] = [ketamaRing(a), ketamaRing(b)]
  const keys = Array.from({ length: 2000 }, (_, index) => `thread-posts:${index}`)
  return keys.filter(key => ringA(key) === ringB(key)).length
}

test('ketama: the prefix unix: is no part of a label, in any case', () => {
  assert.equal(agreement(['unix:/run/a', 'unix:/run/b'], ['UNIX:/run/a', '/run/b']), 2000)
})

test('ketama: a port is told from its host, not read as more host', () => {
  assert.notEqual(agreement(['h:1', 'h:2', 'h:3'], ['h1', 'h2', 'h3']), 2000)
})

test('ketama: a colon before other than digits splits nothing', () => {
  assert.notEqual(agreement(['a:b', 'a:c', 'a:d'], ['a', 'b', 'c']), 2000)
  assert.equal(agreement(['a:', 'b:'], ['a', 'b']), 2000)
})

test('ketama: a label listed twice leaves all its keys with the first', () => {
  const ring = ketamaRing(['h:1', 'h:1'])
  for (let index = 0; index < 500; index++) assert.equal(ring(`key-${index}`), 0)
})

test('ketama: a label added takes keys but moves none between the others', () => {
  const three = ketamaRing(['worker-0', 'worker-1', 'worker-2'])
  const four = ketamaRing(['worker-0', 'worker-1', 'worker-2', 'worker-3'])
  let moved = 0
  for (let index = 0; index < 10_000; index++) {
    const after = four(`thread-posts:${index}`)
    if (after === 3) moved++
    else assert.equal(after, three(`thread-posts:${index}`))
  }
  assert(moved > 1500 && moved < 3500, `${moved} of 10,000 keys moved`)
})

test('ketama: no worker is without keys', () => {
  const ring = ketamaRing(['worker-0', 'worker-1', 'worker-2', 'worker-3'])
  const shares = [0, 0, 0, 0]
  for (let index = 0; index < 10_000; index++) {
    const owner = ring(`thread-posts:${index}`)
    shares[owner] = (shares[owner] ?? 0) + 1
  }
  for (const share of shares) assert(share > 1500 && share < 3500, `shares are ${shares}`)
})

const plainKeys = [
  { name: 'upper half of e8b7be43, 15 bits', key: 'a', workers: 5, owner: 0x68b7 % 5 },
  { name: 'upper half of 1dd39950', key: 'news', workers: 3, owner: 0x1dd3 % 3 },
  { name: 'upper half of 8dfbcf1b, 15 bits', key: 'room/42', workers: 7, owner: 0x0dfb % 7 },
  { name: 'UTF-8, 16da8cdb', key: 'κόσμε', workers: 3, owner: 0x16da % 3 },
  { name: 'the empty key is hashed like any other', key: '', workers: 3, owner: 0 },
  { name: 'one worker owns everything', key: 'news', workers: 1, owner: 0 },
]

for (const { name, key, workers, owner } of plainKeys) {
  test(`plain: ${name}`, () => assert.equal(plainRing(workers)(key), owner))
}

test('plain: weights count each server as often as they say, in its order', () => {
  const weighted = plainRing([1, 3, 2])
  const sixths = plainRing(6)
  for (const key of ['a', 'news', 'room/42', 'κόσμε', '']) {
    assert.equal(weighted(key), [0, 1, 1, 1, 2, 2][sixths(key)])
  }
})

test('ketama: a weight gives a label so many times the points, the first of them the same', () => {
  const even = ketamaPoints(servers)
  const heavy = ketamaPoints(servers, [1, 4, 1, 1])
  const count = (points: RingPoints, owner: number) => points.owners.filter(each => each === owner).length
  assert.deepEqual([count(even, 0), count(even, 1)], [160, 160])
  assert.deepEqual([count(heavy, 0), count(heavy, 1)], [160, 640])
  const ofSecond = new Set([...heavy.values].filter((_, at) => heavy.owners[at] === 1))
  assert(even.values.every((value, at) => even.owners[at] !== 1 || ofSecond.has(value)))
})

test('a map of nobody is a mistake of the program', () => {
  assert.throws(() => ketamaRing([]), { code: 'ERR_ASSERTION' })
  for (const workers of [0, -1, 1.5]) assert.throws(() => plainRing(workers), { code: 'ERR_ASSERTION' })
})
