// What is judged before a node starts: the files that the settings name.
import { deepEqual, equal, match } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { dropIn } from '../../../src/frontends/grip/drop-in.ts'
import { judgeFiles, trustedKeys } from '../../../src/frontends/grip/files.ts'
import { type GripSettings, gripSection } from '../../../src/frontends/grip/settings.ts'
import { readSettings } from '../../../src/settings/settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'grip-files-'))
after(() => rmSync(folder, { recursive: true }))

function settingsOf(own: Record<string, string>): GripSettings {
  const environment = Object.fromEntries(
    Object.entries(own).map(([name, value]) => [`RINGCAST_GRIP_${name}`, value]),
  )
  const { values, mistakes } = readSettings([gripSection], { environment })
  deepEqual(mistakes, [])
  return values['grip'] as never // read against its section
}

test('defaults are sound', () => {
  deepEqual(judgeFiles(settingsOf({})), { mistakes: [], warnings: [], secrets: [] })
})

test('routes that cannot be read are a mistake, and a line of them is a warning', () => {
  const routes = join(folder, 'routes')
  deepEqual(judgeFiles(settingsOf({ ROUTES: routes })).mistakes, [`${routes} cannot be read: ENOENT`])
  writeFileSync(routes, '* test\nx\n*,path_beg=/a,sig_key=file:/nosuch t:1\n')
  const judged = judgeFiles(settingsOf({ ROUTES: routes }))
  deepEqual(judged.warnings, [`line 2 of ${routes} needs a condition and at least one target`])
  deepEqual(judged.mistakes, ['line 3: sig_key names /nosuch, which cannot be read'])
})

test('keys and certificates that cannot be read are mistakes', () => {
  const settings = settingsOf({
    SIG_KEY: 'base64:',
    UPSTREAM_KEY: 'k\nfile:/nosuch',
    TLS_LISTEN: '8443',
    TLS_CERTIFICATES: folder,
  })
  deepEqual(judgeFiles(settings).mistakes, [
    'sig_key is no base64',
    'upstream_key names /nosuch, which cannot be read',
    `${folder}/default_8443.crt cannot be read, and 8443 needs it`,
    `${folder}/default_8443.key cannot be read, and 8443 needs it`,
  ])
  equal(trustedKeys(settings).length, 1)
})

test('what is no certificate is a mistake before anybody listens', () => {
  for (const name of ['crt', 'key']) writeFileSync(join(folder, `default_8444.${name}`), 'none')
  const settings = settingsOf({ TLS_LISTEN: '8444', TLS_CERTIFICATES: folder })
  const [mistake, ...more] = judgeFiles(settings).mistakes
  match(mistake ?? '', /default_8444\.crt and its key cannot be used: .*PEM/)
  deepEqual(more, [])
})

test('an owner of a unix socket is a warning: nobody is made one', () => {
  const settings = settingsOf({ LOCAL_LISTEN: '/run/a?mode=660,/run/b?user=www-data&group=www-data' })
  deepEqual(judgeFiles(settings), {
    mistakes: [],
    warnings: [
      'RINGCAST_GRIP_LOCAL_LISTEN names an owner for /run/b, which keeps the user and group of the node',
    ],
    secrets: [],
  })
})

test('the drop-in reads its configuration from the disk', () => {
  const path = join(folder, 'pushpin.conf')
  writeFileSync(path, '[runner]\nhttp_port=7\n')
  const reading = dropIn.read(['--config', path], {}, 0)
  equal(reading.ok && reading.environment['RINGCAST_GRIP_LISTEN'], '0.0.0.0:7')
  equal(reading.ok && reading.environment['RINGCAST_GRIP_ROUTES'], join(folder, 'routes'))
  const refused = dropIn.read(['--config', folder], {}, 0)
  match(refused.ok ? '' : refused.lines.join(), /no configuration can be read/)
})
