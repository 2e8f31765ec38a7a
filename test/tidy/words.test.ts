// One meaning per word: names that the vocabulary replaces, and protocol names outside their rooms.
// Prose is for reviewers; these rules look at file names, exported names and, for protocols, at code and strings.

import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { exportsOf, lineAt, scan } from './scan.ts'
import { assertTidy, type Finding, file, places, readTree, type SourceFile, typeScript } from './tree.ts'

interface Word {
  readonly word: string
  readonly say: string
  /** Where the word names nothing else; without it, everywhere in src but in a protocol's own room. */
  readonly within?: string
}

/**
 * House style, section 3. Three words of its last column have a second meaning that the house itself uses, and
 * are left to reviewers: a listener is an address that `net` opens, a user belongs to an origin, an issue is a
 * ticket. `log` and `cache` are wrong only where they would mean history.
 */
const WORDS: readonly Word[] = [
  { word: 'instance', say: 'node' },
  { word: 'server', say: 'node' },
  { word: 'main', say: 'primary' },
  { word: 'master', say: 'primary' },
  { word: 'child', say: 'worker' },
  { word: 'slave', say: 'worker' },
  { word: 'runner', say: 'offload' },
  { word: 'topic', say: 'channel' },
  { word: 'subject', say: 'channel' },
  { word: 'partition', say: 'shard' },
  { word: 'bucket', say: 'shard' },
  { word: 'message', say: 'draft or publication' },
  { word: 'event', say: 'draft or publication' },
  { word: 'seq', say: 'offset' },
  { word: 'cursor', say: 'offset or position' },
  { word: 'log', say: 'history', within: 'src/engine/' },
  { word: 'cache', say: 'history', within: 'src/engine/' },
  { word: 'catchup', say: 'recovery' },
  { word: 'resume', say: 'recovery' },
  { word: 'peer', say: 'connection or client' },
  { word: 'roster', say: 'presence' },
  { word: 'serializer', say: 'format' },
  { word: 'dispatcher', say: 'hub' },
  { word: 'backlog', say: 'outbox' },
  { word: 'pipe', say: 'link' },
  { word: 'bus', say: 'link' },
  { word: 'backplane', say: 'broker' },
  { word: 'backend', say: 'origin' },
  { word: 'upstream', say: 'origin' },
  { word: 'problem', say: 'refusal, fault or bug' },
]

/** Names that carry such a word in another sense. `name` is a file's path or an exported name. */
const ALLOWED: readonly { readonly name: string; readonly reason: string }[] = [
  { name: 'src/main.ts', reason: 'where every Node.js program begins; it only calls commands/run.ts' },
  {
    name: 'LinkMessage',
    reason: 'whatever crosses a link, publications among it; a MessagePort calls it so',
  },
  { name: 'CarrierEvents', reason: 'all that a carrier tells, deliveries among it' },
  { name: 'BrokerEvents', reason: 'all that a broker tells, publications among it' },
  { name: 'src/net/server.ts', reason: 'the serving end of HTTP in one worker; a node has many' },
  { name: 'Server', reason: 'as above' },
  { name: 'openServer', reason: 'as above' },
  {
    name: 'src/net/gate/frame-peer.ts',
    reason: 'a WebSocket to a client or to an origin: either side of it',
  },
  { name: 'FramePeer', reason: 'as above' },
  { name: 'MessageKind', reason: 'of what a WebSocket carries either way (RFC 6455), no publication' },
  { name: 'serverFrame', reason: 'a frame as the serving end of a WebSocket writes it, without a mask' },
]

/** The five protocols, also before their rooms stand, so that nothing below gets ready for one by name. */
const PROTOCOLS = ['rpushd', 'pinghub', 'pushy', 'grip', 'pushwire']

/** `catch-up` and `catchUp` both read as catchup after this. */
function partsOf(name: string): string[] {
  const stem = name.replace(/(?:\.d)?\.ts$/, '').replace(/catch[-_]?up/i, 'catchup')
  const parts = stem.replace(/([a-z0-9])([A-Z])/g, '$1-$2').split(/[^A-Za-z0-9]+/)
  return parts.map(part => part.toLowerCase()).flatMap(part => [part, part.replace(/s$/, '')])
}

function foreignWords(files: readonly SourceFile[], allowed: typeof ALLOWED): Finding[] {
  const ours = typeScript(files, 'src').filter(
    ({ path }) => !/^src\/frontends\/(?!session\/)[^/]+\//.test(path),
  )
  return ours.flatMap(({ path, text }) => {
    const fileName = { name: path.split('/').at(-1) ?? '', line: 1, key: path }
    const names = exportsOf(scan(text)).map(one => ({ ...one, key: one.name }))
    return [fileName, ...names].flatMap(({ name, line, key }) => {
      if (allowed.some(row => row.name === key)) return []
      const parts = partsOf(name)
      const words = WORDS.filter(({ word, within = '' }) => parts.includes(word) && path.startsWith(within))
      return words.map(({ word, say }) => ({
        path,
        line,
        found: `the name ${name} says ${word}`,
        instead: `we say ${say} (house vocabulary); a different sense needs a row in ALLOWED of words.test.ts`,
      }))
    })
  })
}

function staleRows(files: readonly SourceFile[], allowed: typeof ALLOWED): Finding[] {
  const names = new Set(
    typeScript(files, 'src').flatMap(({ path, text }) => [
      path,
      ...exportsOf(scan(text)).map(one => one.name),
    ]),
  )
  const unused = allowed.filter(({ name }) => !names.has(name) && name !== 'src/main.ts')
  return unused.map(({ name }) => ({
    path: 'test/tidy/words.test.ts',
    line: 1,
    found: `the row for ${name} allows a name that is gone`,
    instead: 'remove it from ALLOWED',
  }))
}

function protocolNames(files: readonly SourceFile[]): Finding[] {
  const rooms = files.map(({ path }) => /^src\/frontends\/([^/]+)\/frontend\.ts$/.exec(path)?.[1])
  const protocols = new Set([...PROTOCOLS, ...rooms.filter(room => room !== undefined)])
  const bound = typeScript(files, 'src', 'workers').filter(
    ({ path }) => path !== 'src/frontends/registry.ts' && !path.startsWith('src/client/'),
  )
  return bound.flatMap(({ path, text }) => {
    const { spoken } = scan(text)
    const foreign = [...protocols].filter(name => !path.startsWith(`src/frontends/${name}/`))
    return foreign.flatMap(name =>
      [...spoken.matchAll(patternFor(name))].map(({ index }) => ({
        path,
        line: lineAt(text, index),
        found: `the protocol ${name} is named outside its room`,
        instead: 'derive it from frontends/registry.ts, or let the front-end contract carry what differs',
      })),
    )
  })
}

/** The name as a word of its own or as a part of a camelCase, kebab-case or UPPER_CASE one. */
function patternFor(name: string): RegExp {
  const capital = `${name[0]?.toUpperCase()}${name.slice(1)}`
  return new RegExp(
    `(?<![A-Za-z])${name}(?![a-z])|(?<=[a-z]|\\b)${capital}(?![a-z])|${name.toUpperCase()}`,
    'g',
  )
}

describe('vocabulary', () => {
  test('a file name and an exported name with a foreign word are found; inner names are not', () => {
    const sample = [
      file('src/engine/message.ts', 'export type Draft = string', 'const topic = 1'),
      file('src/engine/catch-up.ts', 'export class EventBus {}'),
      file('src/telemetry/log.ts', 'export function openLog() {}'),
      file('src/net/address.ts', 'export interface ServerAddress {}', 'export const observer = 1'),
    ]
    deepEqual(places(foreignWords(sample, [])), [
      'src/engine/message.ts:1',
      'src/engine/catch-up.ts:1',
      'src/engine/catch-up.ts:1',
      'src/engine/catch-up.ts:1',
      'src/net/address.ts:1',
    ])
  })

  test('a protocol keeps its own terms in its room, and a row allows a name', () => {
    const sample = [
      file('src/frontends/one/message.ts', 'export const topic = 1'),
      file('src/net/a.ts', 'export const pipeTo = 1'),
    ]
    deepEqual(foreignWords(sample, [{ name: 'pipeTo', reason: 'sample' }]), [])
    deepEqual(staleRows(sample, [{ name: 'gone', reason: 'sample' }]).length, 1)
  })

  test('the tree speaks it', () => {
    const files = readTree()
    assertTidy([...foreignWords(files, ALLOWED), ...staleRows(files, ALLOWED)])
  })
})

describe('protocol names', () => {
  test('code and strings of another room may not name a protocol; comments and longer words may', () => {
    const sample = [
      file(
        'src/engine/hub.ts',
        '// as pushy does',
        "const a = 'rpushd'",
        'const forGrip = 1',
        'const gripe = 2',
        'GRIP_LISTEN',
      ),
      file('src/frontends/pushy/codec.ts', 'const pushy = 1', 'const pinghubToken = 2'),
      file('src/frontends/registry.ts', "export { frontend as pushy } from './pushy/frontend.ts'"),
      file('src/frontends/toy/frontend.ts', 'const toy = 1'),
      file('workers/worker.ts', "'toy'"),
    ]
    deepEqual(places(protocolNames(sample)), [
      'src/engine/hub.ts:2',
      'src/engine/hub.ts:3',
      'src/engine/hub.ts:5',
      'src/frontends/pushy/codec.ts:2',
      'workers/worker.ts:1',
    ])
  })

  test('the tree names them only in their rooms', () => assertTidy(protocolNames(readTree())))
})
