// What servers say, as sentences and as values.
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { failedOutcome, judgeAll } from '../../../src/cluster/redis/appends.ts'
import { readDelivery, readFed } from '../../../src/cluster/redis/envelopes.ts'
import { assertFit, readFacts } from '../../../src/cluster/redis/fitness.ts'
import { connectSentence, sentenceOf } from '../../../src/cluster/redis/reasons.ts'
import { parseShards } from '../../../src/cluster/redis/shards.ts'
import { parseEpoch } from '../../../src/engine/words/position.ts'

const place = { host: '10.0.0.1', port: 6_379 }

describe('reasons', () => {
  for (const [text, sentence] of [
    ['READONLY You can not write', /^Redis at 10\.0\.0\.1:6379 is a replica and takes no writes$/],
    ['LOADING Redis is loading', /is loading its data from disk$/],
    ['CLUSTERDOWN The cluster is down', /some slots are served by nobody$/],
    ['MISCONF Redis is configured to save', /cannot save its data to disk$/],
    ['NOAUTH Authentication required.', /wants a password$/],
    ['WRONGPASS invalid username-password pair', /does not know the user with that password/],
    [
      "NOPERM this user has no permissions to run the 'info' command",
      /not let this user use the command info$/,
    ],
    ['NOPERM this user has no permissions to access one of the channels', /use the channels of the prefix$/],
    ['NOPERM No permissions to access a key', /use the keys of the prefix$/],
    ['ERR something else', /^Redis at 10\.0\.0\.1:6379: ERR something else$/],
  ] as const) {
    test(text, () => match(sentenceOf(text, place), sentence))
  }

  test('an old server that repeats the password is not repeated', () => {
    const text =
      'ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `hidden-word`, '
    const sentence = connectSentence(new Error(text), place)
    ok(!sentence.includes('hidden-word'))
    match(sentence, /is older than Redis 6/)
  })

  test('the system is quoted in plain words', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    equal(connectSentence(refused, place), 'Redis at 10.0.0.1:6379 refuses connections')
  })
})

describe('fitness', () => {
  const facts = {
    version: '7.0.15',
    role: 'master',
    isCluster: false,
    isLoading: false,
    memoryPolicy: 'noeviction',
    memoryMax: 0,
  }

  test('the lines of a server are read', () => {
    const info =
      'redis_version:7.2.4\r\nrole:master\r\nmaxmemory:5\r\nmaxmemory_policy:noeviction\r\ncluster_enabled:1\r\n'
    deepEqual(readFacts(info), { ...facts, version: '7.2.4', memoryMax: 5, isCluster: true })
  })

  test('version 7 will do, and version 6.2 will not', () => {
    assertFit({ ...facts, version: '7.0.0' }, 'plain', () => {})
    throws(
      () => assertFit({ ...facts, version: '6.2.14' }, 'plain', () => {}),
      /version 6\.2\.14, and 7\.0 is needed/,
    )
  })

  test('a server alone where a cluster is named is refused', () => {
    throws(() => assertFit(facts, 'sharded', () => {}), /belongs to no Redis Cluster/)
  })
})

describe('fates', () => {
  test('what the server refused as a whole was not done, and what was not answered is unknown', () => {
    equal(failedOutcome({ kind: 'lost', isWritten: true }), 'unknown')
    equal(failedOutcome({ kind: 'lost', isWritten: false }), 'away')
    for (const code of ['MOVED', 'TRYAGAIN', 'READONLY', 'NOSCRIPT', 'CLUSTERDOWN'])
      equal(failedOutcome({ kind: 'refused', code, text: code }), 'away')
    equal(failedOutcome({ kind: 'refused', code: 'OOM', text: 'OOM' }), 'overloaded')
    equal(failedOutcome({ kind: 'refused', code: 'ERR', text: 'ERR' }), 'unknown')
  })

  test('one of a batch has its own', () => {
    equal(judgeAll(['OOM command not allowed'])[0]?.outcome, 'overloaded')
    equal(judgeAll(['WRONGTYPE Operation'])[0]?.outcome, 'away')
    equal(judgeAll(['WRONGTYPE Operation'])[0]?.unfit, undefined)
    equal(judgeAll(['READONLY You'])[0]?.unfit, 'READONLY You')
    deepEqual(judgeAll(['UNKNOWN ERR no'])[0], { outcome: 'unknown', counts: undefined, unfit: 'ERR no' })
    equal(judgeAll([['seen']])[0]?.outcome, 'seen')
    deepEqual(judgeAll([['after', '7']])[0]?.outcome, { last: '7' })
    for (const strange of [[1, 2], ['no epoch!', 1, 0], ['e', -1, 0], 7, undefined])
      equal(judgeAll([strange])[0]?.outcome, 'unknown')
  })

  test('an offset alone is in the epoch of the answer before, and of no other', () => {
    const outcomes = (...answers: readonly unknown[]) => judgeAll(answers).map(({ outcome }) => outcome)
    const [e, d] = ['e', 'd'].map(parseEpoch)
    const place = { duplicate: false, elsewhere: 0 }
    deepEqual(outcomes(['e', 1, 0], 2, ['d', 7, 1], 8, 9), [
      { ...place, epoch: e, offset: 1 },
      { ...place, epoch: e, offset: 2 },
      { epoch: d, offset: 7, duplicate: true, elsewhere: 0 },
      { ...place, epoch: d, offset: 8 },
      { ...place, epoch: d, offset: 9 },
    ])
    for (const between of ['OOM no', ['seen'], ['after', 'x'], ['no epoch!', 2, 0]])
      equal(outcomes(['e', 1, 0], between, 3)[2], 'unknown')
  })
})

describe('what is delivered', () => {
  test('a place and an envelope of any bytes', () => {
    const { epoch, offset, envelope } = present(readDelivery(Buffer.from('e1 42 \0 x')))
    deepEqual([epoch, offset, envelope.toString()], ['e1', 42, '\0 x'])
    const fed = present(readFed(Buffer.from('e1 42 4 a ü 1 2')))
    deepEqual([fed.channel, fed.envelope.toString()], ['a ü', ' 1 2'])
  })

  for (const text of ['', 'x', 'e 1', 'e x y', 'e! 1 y', 'e -1 y'])
    test(`${JSON.stringify(text)} is none`, () => equal(readDelivery(Buffer.from(text)), undefined))
  for (const text of ['e 1 5', 'e 1 5 abc', 'e 1 x abc', 'e 1 -1 abc'])
    test(`${JSON.stringify(text)} is of no feed`, () => equal(readFed(Buffer.from(text)), undefined))
})

describe('shards', () => {
  const node = {
    role: 'master',
    health: 'online',
    ip: '10.0.0.2',
    endpoint: '10.0.0.2',
    port: 1,
    'tls-port': 2,
  }

  test('a shard is where its master is, by the port that is spoken', () => {
    const reply = [{ slots: [0, 5, 10, 12], nodes: [{ ...node, role: 'replica' }, node] }]
    deepEqual(parseShards(reply, place, false), [
      { from: 0, to: 5, place: { host: '10.0.0.2', port: 1 } },
      { from: 10, to: 12, place: { host: '10.0.0.2', port: 1 } },
    ])
    equal(parseShards(reply, place, true)[0]?.place.port, 2)
  })

  test('a server that does not know its address is where it was asked, and one that fails is nowhere', () => {
    const unknown = { ...node, endpoint: '?', ip: '' }
    deepEqual(parseShards([{ slots: [0, 5], nodes: [unknown] }], place, false)[0]?.place, {
      ...place,
      port: 1,
    })
    deepEqual(parseShards([{ slots: [0, 5], nodes: [{ ...node, health: 'fail' }] }], place, false), [])
    throws(() => parseShards('x', place, false), /something else/)
  })
})

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('it is missing')
  return value
}
