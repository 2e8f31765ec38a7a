// `ringcast pub --grip` and pushpin-publish at the control doors of ours and of the original: each reaches the clients of each.
import { deepEqual, equal, match } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import * as registry from '../../../src/frontends/registry.ts'
import { addressOf, ringcastStarter, type Starter, startOriginal } from '../../conformance/grip/server.ts'
import { runCommand } from '../../helpers/command.ts'
import { curlReader } from '../../helpers/grip-origins.ts'
import { isPushpinMissing } from '../../helpers/original-pushpin.ts'
import { freePort } from '../../helpers/proxies.ts'

const run = promisify(execFile)
const original = isPushpinMissing()

play('Pushpin 1.36', startOriginal, original)
if ('grip' in registry) play('ringcast', ringcastStarter(2), false)

function play(title: string, start: Starter, skip: string | false): void {
  describe(`the control door of ${title}`, { skip }, () => {
    test('takes what the commands publish, to streams and to long-polls', async t => {
      const server = await start('* test\n', {})
      t.after(() => server.stop())
      const url = `http://${addressOf(server.client)}`
      const spec = `http://${addressOf(server.control)}`
      const stream = curlReader(`${url}/stream?channel=c`)
      t.after(() => stream.stop())
      equal(await stream.next(), '[stream opened]')
      const folder = mkdtempSync(join(tmpdir(), 'grip-content-'))
      t.after(() => rmSync(folder, { recursive: true }))
      const file = join(folder, 'content')
      writeFileSync(file, 'out of a file\n')
      const ours = async (...args: readonly string[]) => {
        const { code, out, errors } = await runCommand(['pub', '--grip', ...args], {
          environment: { GRIP_URL: spec },
        })
        deepEqual([code, out, errors], [0, 'Published\n', ''])
      }
      await ours('c', 'one')
      equal(await stream.next(), 'one')
      await ours('--no-eol', 'c', 'two')
      await ours('--spec', spec, 'c', ' and three')
      equal(await stream.next(), 'two and three')
      await ours('c', `@${file}`)
      equal(await stream.next(), 'out of a file')
      if (original === false) {
        await run('pushpin-publish', ['--spec', spec, 'c', 'by the other'])
        equal(await stream.next(), 'by the other')
      }
      const poll = run('curl', ['-sS', '-w', '%{http_code} %header{x-a}', `${url}/response?channel=d`])
      let answer = ''
      void poll.then(({ stdout }) => {
        answer = stdout
      })
      // Nothing shows a client that it is held, so it is published to until it was.
      for (let id = 2; answer === ''; id++) {
        const [own, before] = [String(id), String(id - 1)]
        await ours('--code', '201', '-H', 'X-A: b', '--id', own, '--prev-id', before, '--no-seq', 'd', 'done')
      }
      equal(answer, 'done\n201 b')
      await ours('--close', 'c')
      equal(await stream.ended, 0)
    })
  })
}

test('says why nothing was published', async () => {
  const spec = `http://127.0.0.1:${await freePort()}`
  const { code, out, errors } = await runCommand(['pub', '--grip', '--spec', spec, 'c', 'x'])
  deepEqual([code, out], [1, ''])
  match(errors, /^Error: .*ECONNREFUSED/)
})
