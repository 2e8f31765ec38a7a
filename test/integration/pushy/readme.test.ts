// The commands on pushy's page, run by a shell as a reader would, and what they bring.
import { equal, match } from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { secrets, startDaemon } from '../../helpers/daemon.ts'
import { until } from '../../helpers/until.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../../src/frontends/pushy/README.md'), 'utf8')

test('a token is asked for, opens a wildcard’s channel and a list, and a publish reaches both', async t => {
  const daemon = await startDaemon()
  t.after(() => daemon.stop())
  const address = daemon.address('pushy')
  const commands = (/```bash\n([\s\S]*?)```/.exec(PAGE)?.[1] ?? '').trim().split('\n')
  equal(commands.length, 4)
  const [ask = '', one = '', publish = '', several = ''] = commands.map(command =>
    command.replaceAll('localhost:4000', address),
  )
  const token = await finished(shell(t, `${ask}; printf %s "$TOKEN"`))
  match(token, /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/)
  const [stream, list] = [shell(t, one, token), shell(t, several, token)]
  await until(
    'both streams to open',
    () => stream.output().startsWith('id: ') && list.output().startsWith(':'),
  )
  match(await finished(shell(t, publish)), /^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)+\r\n$/)
  for (const { output } of [stream, list]) {
    await until('the event', () => output().includes('"headline":"hello"'))
    match(output(), /\nevent: message\ndata: \{"headline":"hello","timestamp":\d+\}\nid: \S+\nretry: 100\n\n/)
  }
})

interface Shell {
  readonly child: ChildProcess
  output(): string
}

function shell(t: TestContext, command: string, token = ''): Shell {
  const env = { PATH: process.env['PATH'], SECRET: secrets.client, TOKEN: token }
  const child = spawn('sh', ['-c', `exec 2>&1; ${command}`], { env, detached: true })
  let text = ''
  child.stdout.on('data', piece => {
    text += piece
  })
  t.after(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  })
  return { child, output: () => text }
}

async function finished({ child, output }: Shell): Promise<string> {
  await once(child, 'close')
  return output()
}
