// Who may import whom: the table of rooms, and no cycles.
// Only product code (src, workers) is bound by it; tests and benches may look everywhere.

import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { edgesOf, roomOf } from './edges.ts'
import { assertTidy, type Finding, file, places, readTree, type SourceFile, typeScript } from './tree.ts'

/** What carries every protocol. */
const FRONTEND_MAY = 'auth engine net std telemetry'
  .split(' ')
  .concat('frontends/operate.ts', 'frontends/play.ts', 'frontends/publish.ts', 'frontends/side.ts')
/** What protocols are known by above their rooms. */
const PROTOCOL_PORTS = ['frontend', 'registry', 'play', 'publish'].map(file => `frontends/${file}.ts`)

/** House style, section 2. The same room is always allowed; `settings.ts` of any room is open to `settings`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  std: [],
  engine: ['std'],
  auth: ['std'],
  telemetry: ['std'],
  net: ['telemetry', 'std'],
  threads: ['engine', 'telemetry', 'std'],
  state: ['engine', 'telemetry', 'std'],
  upgrade: ['threads', 'engine', 'telemetry', 'std'],
  cluster: ['engine', 'telemetry', 'std'],
  ring: ['engine', 'net', 'auth', 'telemetry', 'std'],
  'frontends/session': ['engine', 'net', 'telemetry', 'std'],
  'frontends/*': ['frontends/frontend.ts', 'frontends/session', ...FRONTEND_MAY],
  'frontends/frontend.ts': FRONTEND_MAY,
  'frontends/operate.ts': ['net'],
  'frontends/side.ts': ['engine', 'telemetry', 'std'],
  'frontends/registry.ts': ['frontends/*'],
  'frontends/play.ts': [],
  'frontends/publish.ts': [],
  playground: ['frontends/play.ts', 'net', 'std'],
  client: [],
  admin: ['frontends/operate.ts', 'frontends/session', 'engine', 'net', 'auth', 'telemetry', 'std'],
  settings: ['frontends/registry.ts', 'std'],
  app: [
    'std',
    'engine',
    'auth',
    'telemetry',
    'net',
    'threads',
    'state',
    'upgrade',
    'cluster',
    'ring',
    'admin',
    'settings',
  ].concat(PROTOCOL_PORTS, 'playground'),
  // Beside the daemon: a command may start one, and reads settings as it does; the daemon knows no command.
  commands: ['std', 'engine', 'auth', 'ring', 'admin', 'settings', 'playground', 'upgrade', 'app'].concat(
    PROTOCOL_PORTS,
  ),
  main: ['commands'],
  workers: ['app'],
}

/** The one file of another room that a browser client may use, once there is one: the codec of binary frames. It imports nothing. */
const SHARED = 'src/frontends/pushwire/binary.ts'

function allowedFor(room: string): readonly string[] | undefined {
  return MAY_IMPORT[room] ?? (room.startsWith('frontends/') ? MAY_IMPORT['frontends/*'] : undefined)
}

function mayImport(from: string, to: string): boolean {
  const [room, target] = [roomOf(from), roomOf(to)]
  if (from === SHARED) return false
  if (room === undefined || target === undefined) return false
  if (room === target) return true
  if (room === 'client') return to === SHARED
  if (room === 'settings' && to.endsWith('/settings.ts')) return true
  if (room === 'frontends/registry.ts') return target.startsWith('frontends/') && to.endsWith('/frontend.ts')
  return allowedFor(room)?.includes(target) === true
}

function directions(files: readonly SourceFile[]): Finding[] {
  const strangers = typeScript(files, 'src').filter(({ path }) => {
    const room = roomOf(path)
    return room === undefined || allowedFor(room) === undefined
  })
  const wrong = edgesOf(files).filter(({ from, to }) => to !== undefined && !mayImport(from, to))
  return [
    ...strangers.map(({ path }) => ({
      path,
      line: 1,
      found: 'is in no room of the table',
      instead: 'move it into a room, or add its room to the table in layers.test.ts and to ARCHITECTURE',
    })),
    ...wrong.map(({ from, to = '', line }) => ({
      path: from,
      line,
      found: `${roomOf(from)} imports ${to}`,
      instead: `it may import ${(allowedFor(roomOf(from) ?? '') ?? []).join(', ') || 'nothing of ours'}; pass the rest as an argument, or declare a port in the lower room`,
    })),
  ]
}

function cycles(files: readonly SourceFile[]): Finding[] {
  const edges = Map.groupBy(edgesOf(files), edge => edge.from)
  const finished = new Set<string>()
  const findings: Finding[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const again = trail.indexOf(path)
    if (again === -1 && finished.has(path)) return
    if (again !== -1) {
      const from = trail.at(-1) ?? path
      const line = edges.get(from)?.find(edge => edge.to === path)?.line ?? 1
      const circle = [...trail.slice(again), path].join(' -> ')
      findings.push({
        path: from,
        line,
        found: `import cycle ${circle}`,
        instead: 'move what both need into a third file',
      })
      return
    }
    for (const { to } of edges.get(path) ?? []) if (to !== undefined) visit(to, [...trail, path])
    finished.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return findings
}

describe('import table', () => {
  test('an upward, a sideways and a multi-line import are found, types included', () => {
    const sample = [
      file('src/engine/hub.ts', "import { a } from '../std/a.ts'", "import type { b } from '../net/b.ts'"),
      file(
        'src/frontends/one/frontend.ts',
        "import { a } from '../../engine/hub.ts'",
        "import '../two/codec.ts'",
      ),
      file('src/net/listener.ts', 'import {', '  a,', "} from '../engine/hub.ts'"),
      file(
        'workers/worker.ts',
        "import { a } from '../src/app/worker.ts'",
        "import { b } from '../src/std/a.ts'",
      ),
    ]
    deepEqual(places(directions(sample)), [
      'src/engine/hub.ts:2',
      'src/frontends/one/frontend.ts:2',
      'src/net/listener.ts:1',
      'workers/worker.ts:2',
    ])
  })

  test('the exceptions of the table hold, and no more than they', () => {
    const sample = [
      file(
        'src/settings/read.ts',
        "import { a } from '../engine/settings.ts'",
        "import { b } from '../engine/hub.ts'",
      ),
      file('src/frontends/registry.ts', "export { frontend as one } from './one/frontend.ts'"),
      file(
        'src/client/client.ts',
        `import { a } from '../frontends/pushwire/binary.ts'`,
        "import '../std/a.ts'",
      ),
      file(SHARED, "import '../../std/a.ts'"),
      file('src/app/primary.ts', "import '../net/a.ts'", "import * as all from '../frontends/registry.ts'"),
      file('src/commands/start.ts', "import '../app/primary.ts'", "import '../net/a.ts'"),
      file('src/app/worker.ts', "import '../commands/start.ts'"),
    ]
    deepEqual(places(directions(sample)), [
      'src/settings/read.ts:2',
      'src/client/client.ts:2',
      `${SHARED}:1`,
      'src/commands/start.ts:2',
      'src/app/worker.ts:1',
    ])
  })

  test('an import in a comment or a string is none; a dynamic one is', () => {
    const text = [
      "// import '../net/a.ts'",
      `const a = "import '../net/a.ts'"`,
      "const b = import('../net/a.ts')",
    ]
    deepEqual(places(directions([file('src/engine/hub.ts', ...text)])), ['src/engine/hub.ts:3'])
  })

  test('a file outside every room is found', () => {
    const sample = [file('src/thing.ts'), file('src/main.ts'), file('src/cellar/wine.ts')]
    deepEqual(places(directions(sample)), ['src/thing.ts:1', 'src/cellar/wine.ts:1'])
  })

  test('the tree follows the table', () => assertTidy(directions(readTree())))
})

describe('import cycles', () => {
  test('a cycle over three files is found once', () => {
    const sample = [
      file('src/engine/a.ts', "import './b.ts'"),
      file('src/engine/b.ts', "import type { C } from './c.ts'"),
      file('src/engine/c.ts', '', "import './a.ts'"),
    ]
    deepEqual(places(cycles(sample)), ['src/engine/c.ts:2'])
  })

  test('two ways to one file are no cycle', () => {
    const sample = [
      file('src/engine/a.ts', "import './b.ts'", "import './c.ts'"),
      file('src/engine/b.ts', "import './c.ts'"),
    ]
    deepEqual(cycles(sample), [])
  })

  test('the tree has none', () => assertTidy(cycles(readTree())))
})
