// deploy/from-rpushd.md, followed literally: its commands run one after the other in one shell, with ports and folders
// of the test in place of the system's, and what they print must be what the page shows. rpushd itself is played by a
// second node, and systemctl by a script that obeys the drop-in which the page installs.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, test } from 'node:test'
import { secrets } from '../../helpers/daemon.ts'
import { freePort, isMissing, shipped, startSite } from '../../helpers/proxies.ts'
import { openStream, publish } from '../../helpers/rpushd/proxy-clients.ts'
import { until } from '../../helpers/until.ts'

const root = resolve(import.meta.dirname, '../../..')
const page = shipped('from-rpushd.md')
const deadlineMs = 60_000

interface Block {
  readonly commands: string
  /** Undefined: the page shows nothing. */
  readonly shown: string | undefined
}

/** Blocks of `sh` with the block of `text` that follows, if one does before the next commands. */
function blocksOf(text: string): readonly Block[] {
  const fences = [...text.matchAll(/^```(sh|text)\n(.*?)^```$/gms)].map(([, kind, body = '']) => ({
    kind,
    body,
  }))
  return fences.flatMap(({ kind, body }, index) => {
    const next = fences[index + 1]
    return kind === 'sh' ? [{ commands: body, shown: next?.kind === 'text' ? next.body : undefined }] : []
  })
}

describe('deploy/from-rpushd.md', { skip: isMissing('nginx') }, () => {
  test('leads from rpushd to ringcast and back, with the same port, secrets and proxy', async t => {
    const folder = mkdtempSync(join(tmpdir(), 'move-'))
    t.after(() => endServices(folder))
    const [port, trial] = [await freePort(), await freePort()]
    const environment = writeSystem(folder, port)
    const site = await startSite(
      t,
      'nginx',
      shipped('nginx/ringcast-rpushd.conf').replaceAll('127.0.0.1:45831', `127.0.0.1:${port}`),
    )
    await runShell('systemctl enable --now rpushd', environment)
    const here = `127.0.0.1:${port}`
    const before = await openStream(site.address, 'a')

    const blocks = blocksOf(page)
    const script = blocks
      .map(
        ({ commands }, index) =>
          `printf '\\n== %d\\n' ${index}\n${aim(commands, folder, port, trial, site.address)}`,
      )
      .join('\n')
    const changed = script.indexOf('curl', script.indexOf('enable --now ringcast'))
    const shell = startShell(`${script.slice(0, changed)}\nread -r _\n${script.slice(changed)}`, environment)
    await until('the change over', () => shell.printed().includes('ringcast runs'), deadlineMs)
    equal(await before.next(), undefined, 'rpushd is gone, and its streams with it')
    const after = await openStream(site.address, 'a')
    await publish(here, 'a', { now: 'ringcast' })
    equal(await after.next(), '{"now":"ringcast"}')
    shell.goOn()
    equal(await shell.ended, 0, shell.printed())
    after.connection.leave()
    before.connection.leave()

    const outputs = shell.printed().split(/\n== \d+\n/)
    for (const [index, { shown, commands }] of blocks.entries()) {
      const printed = outputs[index + 1] ?? ''
      if (shown !== undefined)
        ok(printed.trimEnd().endsWith(shown.trimEnd()), `${commands}\nprinted\n${printed}\nand not\n${shown}`)
    }
  })

  test('has no command that this test leaves out, but for the installation', () => {
    const kinds = [...page.matchAll(/^```(\w*)\n.*?^```$/gms)].map(([, kind]) => kind)
    deepEqual([...new Set(kinds)].sort(), ['console', 'sh', 'text'])
    match(page, /```console\n# dpkg -i ringcast_\*\.deb\n```/)
  })
})

/** The commands with places of the test. */
function aim(commands: string, folder: string, port: number, trial: number, site: string): string {
  return (
    commands
      .replaceAll('http://localhost/', `http://${site}/`)
      .replaceAll('45831', String(port))
      .replaceAll('45832', String(trial))
      .replaceAll(/\/(etc|tmp)\//g, `${folder}/$1/`)
      // Last, for the checkout itself may lie in one of those.
      .replaceAll('/usr/share/doc/ringcast/examples', join(root, 'deploy'))
  )
}

/** A folder in place of the system: rpushd's variables, the command, and a service manager for two services. */
function writeSystem(folder: string, port: number): Readonly<Record<string, string>> {
  for (const name of ['etc', 'tmp', 'bin', 'run']) mkdirSync(join(folder, name))
  const variables = [
    `RPUSHD_LISTEN=127.0.0.1:${port}`,
    `RPUSHD_SECRET=${secrets.subscribe}`,
    `RPUSHD_PUBLISH_SECRET=${secrets.publish}`,
  ]
  writeFileSync(join(folder, 'etc/rpushd.env'), `${variables.join('\n')}\n`)
  const program = `exec ${process.execPath} --disable-warning=ExperimentalWarning ${root}/src/main.ts "$@"`
  writeFileSync(join(folder, 'bin/ringcast'), `#!/bin/sh\n${program}\n`, { mode: 0o755 })
  writeFileSync(join(folder, 'bin/systemctl'), serviceManager, { mode: 0o755 })
  return {
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
    TEST_RUN_MARK: process.env['TEST_RUN_MARK'] ?? '',
    PLACE: folder,
    RINGCAST_WORKERS: '2',
  }
}

/** Starts what the drop-in says, with the variables of its file alone, and returns when the service is ready. */
const serviceManager = `#!/bin/bash
set -euo pipefail
[ "$1" != daemon-reload ] || exit 0
service=$3 pid=$PLACE/run/$3.pid log=$PLACE/run/$3.log
if [ "$1" = disable ]; then
  [ ! -e "$pid" ] || { kill "$(cat "$pid")"; tail --pid="$(cat "$pid")" -f /dev/null; rm "$pid"; }
  exit 0
fi
dropin=$PLACE/etc/systemd/system/ringcast.service.d/rpushd.conf
command='ringcast rpushd' variables=$PLACE/etc/rpushd.env
if [ "$service" = ringcast ]; then
  command=$(sed -n 's#^ExecStart=/usr/bin/##p' "$dropin" | tail -1)
  variables=$PLACE$(sed -n 's/^EnvironmentFile=//p' "$dropin")
fi
env -i PATH="$PATH" TEST_RUN_MARK="$TEST_RUN_MARK" RINGCAST_WORKERS=2 $(cat "$variables") $command >"$log" 2>&1 </dev/null &
echo $! >"$pid"
until grep -q '"msg":"ready"' "$log"; do
  kill -0 "$(cat "$pid")" || { cat "$log" >&2; exit 1; }
  sleep 0.05
done
echo "$service runs"
`

/** Whatever the machine has of that name is out of reach. */
const guard = 'systemctl() { "$PLACE/bin/systemctl" "$@"; }'

function startShell(script: string, environment: Readonly<Record<string, string>>) {
  const child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', `${guard}\n${script}`], {
    env: environment,
    stdio: 'pipe',
  })
  const pieces: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', piece => pieces.push(String(piece)))
  return {
    printed: () => pieces.join(''),
    goOn: () => child.stdin.write('\n'),
    ended: once(child, 'close').then(([code]) => code),
  }
}

async function runShell(script: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const shell = startShell(script, environment)
  equal(await shell.ended, 0, shell.printed())
}

/** What a test that failed leaves running. */
function endServices(folder: string): void {
  for (const name of readdirSync(join(folder, 'run')).filter(file => file.endsWith('.pid'))) {
    try {
      process.kill(Number(readFileSync(join(folder, 'run', name), 'utf8')), 'SIGKILL')
    } catch {
      // It ended before.
    }
  }
  rmSync(folder, { recursive: true, force: true })
}
