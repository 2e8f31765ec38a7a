// The shipped files for several nodes, as a real nginx and a real HAProxy read them, and the commands that print their maps.
import { deepEqual, equal, match } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { isMissing, shipped, startNginx, startSite } from '../helpers/proxies.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { runCommand } from '../helpers/ring-nodes.ts'

const files = [
  ['nginx', 'nginx/ringcast-pinghub-nodes.conf'],
  ['haproxy', 'haproxy/ringcast-pinghub-nodes.cfg'],
] as const
const doors = ['--only=pinghub', '--pinghub.shard-ports=10.0.0.1:8090']
const nodes = '--nodes=a=10.0.0.1:2,b=10.0.0.2:2'

describe('the shipped files for several nodes', () => {
  for (const [kind, file] of files) {
    test(`${file} holds what the command in it prints`, async () => {
      const text = shipped(file)
      const [, command = ''] = new RegExp(`^#   ringcast (ring ${kind} .*)$`, 'm').exec(text) ?? []
      const { code, out, complaints } = await runCommand(command.split(' '))
      equal(code, 0, complaints)
      const part = new RegExp(`(# --- ringcast ring ${kind}\n).*?(# --- end\n)`, 's')
      equal(part.exec(text)?.[0], `# --- ringcast ring ${kind}\n${out}\n# --- end\n`)
    })

    test(`${file} is a site that lets nobody publish`, { skip: isMissing(kind) }, async t => {
      const start =
        kind === 'nginx' ? startNginx : (own: typeof t, text: string) => startSite(own, kind, text)
      const { address } = await start(t, shipped(file))
      const client = new RawClient(address)
      client.send('POST /pinghub/a HTTP/1.1\r\nhost: t\r\ncontent-length: 1\r\n\r\nx')
      equal((await client.answer('POST')).status, 403)
      client.leave()
    })
  }
})

describe('ringcast ring', () => {
  test('haproxy says that it computes the plain map alone', async () => {
    const { code, out, complaints } = await runCommand(['ring', 'haproxy', ...doors, nodes])
    deepEqual([code, out], [1, ''])
    match(complaints, /HAProxy cannot compute this map.*set RINGCAST_RING_MAP=plain on every node/)
    equal((await runCommand(['ring', 'haproxy', '--ring.map=plain', '--workers=2', ...doors])).code, 0)
  })

  test('plan tells which part moves, and of given channels which and how many subscribers', async t => {
    const folder = mkdtempSync(join(tmpdir(), 'ring-plan-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'channels.txt')
    writeFileSync(path, Array.from({ length: 300 }, (_, index) => `c${index}\t2\n`).join(''))
    const plan = (...args: readonly string[]) => runCommand(['ring', 'plan', ...doors, nodes, ...args])
    const added = await plan('--add=c=10.0.0.3:2', `--channels=${path}`)
    match(added.out, /^ {2}c +0\.0 % +3\d\.\d % +0\.0 % +3\d\.\d %$/m)
    const [, moved = '', reconnects = ''] =
      /Of 300 channels given, (\d+) move\.\nExpected reconnects: (\d+) of 600/.exec(added.out) ?? []
    equal(Number(reconnects), 2 * Number(moved))
    match((await plan('--remove=b')).out, /^ {2}b +\d\d\.\d % +0\.0 %/m)
    match((await plan('--weight=b=3')).out, /% of all channels move/)
  })

  test('plan refuses what is no change', async () => {
    const cases: readonly (readonly [args: readonly string[], complaint: RegExp])[] = [
      [[nodes], /say what changes: --add, --remove or --weight/],
      [[nodes, '--remove=x'], /--remove x, which is unknown; .*known are a, b/],
      [[nodes, '--weight=a=0'], /--weight a=0 is no NAME=WEIGHT from 1 to 100/],
      [[nodes, '--add=c'], /--add 'c' is no NAME=HOST:WORKERS/],
      [[nodes, '--add=c=10.0.0.3:300'], /a node has 1 to 256 workers/],
      [[nodes, '--add=a=10.0.0.3:1'], /a is the name of more than one node/],
      [[nodes, '--remove=a', '--remove=b'], /no node would be left/],
      [[nodes, '--remove=a', '--channels=/nowhere'], /--channels \/nowhere cannot be read/],
      [['--nodes=a'], /--nodes: 'a' is no NAME=HOST:WORKERS/],
      [['--remove=a'], /there is no list of nodes/],
    ]
    for (const [args, complaint] of cases) {
      const { code, complaints } = await runCommand(['ring', 'plan', ...doors, ...args])
      equal(code, 1, complaints)
      match(complaints, complaint)
    }
    equal((await runCommand(['ring', 'plan', '--nonsense'])).code, 2)
  })
})
