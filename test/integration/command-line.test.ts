// The commands that need no running node, as a shell runs them.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { sectionsFor } from '../../src/app/node.ts'
import { frontends } from '../../src/app/worker.ts'
import { createHmacVerifier } from '../../src/auth/hmac-token.ts'
import { flagOf } from '../../src/settings/names.ts'
import { settingsReference } from '../../src/settings/reference.ts'
import { runCommand } from '../helpers/command.ts'
import { startDaemon } from '../helpers/daemon.ts'

const secret = 'd6f1a0b7c2e94835a1f0'
const commands = ['start', 'check', 'healthy', 'settings', 'token', 'pub', 'sub']

function fileOf(t: TestContext, name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'command-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

/** Each commented-out setting of a sample, set; but for secrets, which have no default to stand there. */
function uncomment(sample: string): string {
  return sample
    .split('\n')
    .map(line =>
      /(?:secret|_key|password)(_file)?[:=]/i.test(line) ? line : line.replace(/^(\s*)#(?=\w)/, '$1'),
    )
    .join('\n')
}

/** Lines `NAME=value` as systemd and containers read them. */
function variablesOf(text: string): Record<string, string> {
  const lines = text.split('\n').filter(line => /^[A-Z]/.test(line))
  return Object.fromEntries(lines.map(line => line.split(/=(.*)/s, 2)))
}

describe('help', () => {
  test('the page of each command has a summary, its usage, examples and exit codes', async () => {
    const { out: list } = await runCommand(['--help'])
    for (const name of commands) {
      match(list, new RegExp(`^ {2}${name} .*\\w{4}`, 'm'))
      const { code, out, errors } = await runCommand([name, '--help'])
      deepEqual([code, errors], [0, ''])
      match(out, new RegExp(`^Usage: ringcast ${name} `))
      match(out, /^Examples:\n {2}(?:\S+ \| )?.*ringcast/m)
      match(out, /^Exit codes:\n {2}0 {2}\S/m)
      deepEqual((await runCommand(['help', name])).out, out)
    }
  })

  test('start and check have a flag for every setting that is no secret, and for no other', async () => {
    for (const command of ['start', 'check']) {
      const { out } = await runCommand([command, '--help'])
      for (const { name, fields } of sectionsFor(frontends)) {
        for (const [key, { type }] of Object.entries(fields)) {
          const flag = `\n  --${flagOf(name, key)} ${type === 'boolean' ? '[' : '<'}`
          equal(out.includes(flag), type !== 'secret', `${command} ${name} ${key}`)
        }
      }
    }
  })
})

/** What has rows of its own here, and is no protocol of the registry. */
const gone = ['pinghub', 'pushy'].filter(name => frontends.every(one => one.name !== name))

describe('wrong usage', () => {
  test('an unknown command, flags and options end with 2 and say what was probably meant', async () => {
    const rows = [
      [['strat'], 'strat is unknown; did you mean start?'],
      [['--rpushd.lisen', '1'], '--rpushd.lisen is unknown; did you mean --rpushd.listen?'],
      [['sub', 'demo', '--limt', '3'], "unknown option '--limt'; did you mean --limit?"],
      [['sub', 'demo', '--limit', '0', '--since', '!'], '--limit must be a whole number'],
      [['sub', 'demo', '--all-protocols', '--limit', '3'], "'--all-protocols' cannot be used with"],
      [['pub'], "missing required argument 'channel'"],
      [['pub', 'demo', 'hello'], '--text'],
      [['settings', '--yaml', '--env'], 'cannot be used with'],
      [['token', 'rpuhsd', 'demo'], 'did you mean rpushd?'],
      [['token', 'pinghub', 'demo'], 'pinghub has no tokens'],
      [['token', 'rpushd', 'a b'], "'a b' is no channel of rpushd: one has 1 to 191 characters"],
      [['token', 'rpushd', 'x'.repeat(192)], 'is no channel of rpushd'],
      [['token', 'pushy', ''], "'' opens no channel of pushy: names and patterns have 1 to 200 bytes"],
      [['token', 'pushy', 'x'.repeat(201)], 'opens no channel of pushy'],
      [['token', 'pushy', `a${'.*'.repeat(17)}`], '16 stars at most'],
      [['sub', '..'], "no URL can name a channel that is called '..'"],
      [['pub', 'demo', '"\ufffd"'], 'argument 3 is not UTF-8'],
    ] as const
    for (const [args, text] of rows) {
      if (args[0] === 'token' && gone.includes(args[1])) continue
      const { code, out, errors } = await runCommand(args)
      deepEqual([code, out], [2, ''], args.join(' '))
      ok(errors.includes(text), errors)
      for (const line of errors.trimEnd().split('\n')) match(line, /^ringcast: /)
    }
  })
})

describe('check', () => {
  test('several mistakes of flags, variables and file are told at once, and no secret is', async t => {
    const config = fileOf(t, 'ringcast.yaml', `workrs: 3\nrpushd:\n  heartbeat_ms: 1\n  secret: ${secret}\n`)
    const environment = {
      RINGCAST_LOG_LEVEL: 'loud',
      RINGCAST_RPUSHD_LISTN: '1',
      RINGCAST_ADMIN_SECRET: secret,
    }
    const args = ['check', '--config', config, '--drain-spread-ms', 'soon']
    const { code, out, errors } = await runCommand(args, { environment })
    deepEqual([code, out], [1, ''])
    const lines = errors.trimEnd().split('\n')
    for (const name of [
      'workrs',
      'rpushd.heartbeat_ms',
      'RINGCAST_LOG_LEVEL',
      'RINGCAST_RPUSHD_LISTN',
      '--drain-spread-ms',
    ]) {
      equal(
        lines.filter(line => line.startsWith('ringcast: ') && line.includes(name)).length,
        1,
        `${name}\n${errors}`,
      )
    }
    equal(lines.length, 5)
    ok(!errors.includes(secret))
  })

  test('start refuses with the same lines', async () => {
    const args = ['--workers', '1000', '--rpushd.listen', 'nowhere']
    const [checked, started] = await Promise.all([runCommand(['check', ...args]), runCommand(args)])
    deepEqual([started.code, started.errors], [1, checked.errors])
    equal(checked.errors.trimEnd().split('\n').length, 2)
  })

  if (!gone.includes('pushy')) {
    test('a key set with keys for other purposes is told, and refuses nothing; a secret that is too short does', async t => {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
      const rsa = publicKey.export({ format: 'jwk' })
      const set = [
        { ...rsa, alg: 'RS256', use: 'sig', kid: 'a' },
        { ...rsa, alg: 'RSA-OAEP', use: 'enc', kid: 'b' },
      ]
      const path = fileOf(t, 'keys.json', JSON.stringify({ keys: set }))
      const environment = { RINGCAST_PUSHY_JWKS_FILE: path }
      const told = `pushy: the key set ${path}: some are passed over: key 2 has the use "enc"`
      const checked = await runCommand(['check'], { environment })
      deepEqual([checked.code, checked.errors], [0, `ringcast: warning: ${told}\n`])
      const weak = fileOf(t, 'weak.json', '{"keys":[{"kty":"oct","alg":"HS512","k":"eA"}]}')
      const production = {
        RINGCAST_MODE: 'production',
        RINGCAST_ONLY: 'pushy',
        RINGCAST_PUSHY_SECRET: secret,
        RINGCAST_PUSHY_JWKS_FILE: weak,
      }
      const refused = await runCommand(['check'], { environment: production })
      equal(refused.code, 1)
      match(refused.errors, /key 1 is too short for production: under 16 characters/)
    })
  }

  test('a file that others reach is told before the start and at it, and one that is none refuses both', async t => {
    const path = fileOf(t, 'secret', secret)
    chmodSync(path, 0o666)
    const origins = { RINGCAST_PINGHUB_ORIGINS: 'https://example.com' }
    const environment = { RINGCAST_ADMIN_SECRET_FILE: path, ...(gone.includes('pinghub') ? {} : origins) }
    const told = `RINGCAST_ADMIN_SECRET_FILE names ${path}, which every user of the machine may write; chmod o-w`
    const checked = await runCommand(['check'], { environment })
    deepEqual([checked.code, checked.errors], [0, `ringcast: warning: ${told}\n`])
    const daemon = await startDaemon({ workers: 1, environment })
    t.after(() => daemon.process.kill('SIGKILL'))
    deepEqual(
      daemon.log.filter(({ level }) => level >= 40).map(({ code, msg }) => [code, msg]),
      [['file-exposed', told]],
    )
    equal(await daemon.stop(), 0)

    rmSync(path)
    execFileSync('mkfifo', [path])
    for (const command of ['check', 'start']) {
      const { code, errors } = await runCommand([command], { environment })
      equal(code, 1)
      equal(
        errors,
        `ringcast: RINGCAST_ADMIN_SECRET_FILE names ${path}, which cannot be read: it is no regular file\n`,
      )
    }
  })

  test('what was given is told with its origin, secrets as ***, and where the node would listen', async t => {
    const file = fileOf(t, 'secret', `${secret}\n`)
    const config = fileOf(
      t,
      'ringcast.yaml',
      `rpushd:\n  heartbeat_ms: 500\n  publish_secret_file: ${file}\n`,
    )
    const environment = {
      RPUSHD_SECRET: secret,
      RINGCAST_ADMIN_SECRET_FILE: file,
      RINGCAST_WORKERS: '3',
      RINGCAST_ONLY: 'rpushd',
      RINGCAST_CLUSTER_MODE: 'redis',
      RINGCAST_CLUSTER_URL: 'redis://127.0.0.1:6380',
    }
    const args = ['check', '--config', config, '--rpushd.shard-ports=9000']
    const { code, out, errors } = await runCommand(args, { environment })
    deepEqual([code, errors], [0, ''])
    ok(!out.includes(secret))
    match(out, /^ {2}workers +3 +RINGCAST_WORKERS$/m)
    match(out, /^ {2}rpushd\.shard_ports +9000 +--rpushd\.shard-ports$/m)
    match(out, /^ {2}rpushd\.secret +\*\*\* +RPUSHD_SECRET$/m)
    match(out, /^ {2}admin\.secret +\*\*\* +RINGCAST_ADMIN_SECRET_FILE$/m)
    ok(out.includes(`rpushd.heartbeat_ms in ${config}`), out)
    ok(out.includes(`rpushd.publish_secret_file in ${config}`), out)
    match(
      out,
      /^Would listen on:\n {2}rpushd +127\.0\.0\.1:45831\n {2}rpushd +9000 +.*3.*\n {2}admin +127\.0\.0\.1:7878$/m,
    )
    match(
      out,
      /^This node is joined to others by Redis at 127\.0\.0\.1:6380 \(prefix rc, acks by master\)\.$/m,
    )
  })
})

describe('settings', () => {
  test('the page names each setting, the table is the one of the documents', async () => {
    const { out } = await runCommand(['settings'])
    match(out, /^RINGCAST_RPUSHD_HEARTBEAT_MS\n {4}Period of the heartbeats/m)
    match(out, /Flag: --rpushd\.heartbeat-ms\./)
    // What stands inside of a structured setting has no other place to be found.
    match(out, /^ {6}outboxBytesMax\n( {10}.*\n)+? {10}4096 to 1073741824 bytes; default: as/m)
    match(out, /^ {6}publish\n {10}Protocols that may publish/m)
    for (const line of out.split('\n')) ok(line.length <= 80 || !line.trim().includes(' '), line)
    equal(
      (await runCommand(['settings', '--markdown'])).out,
      `${settingsReference(sectionsFor(frontends))}\n`,
    )
  })

  test('the sample file is accepted as it is and with every setting set, and changes nothing', async t => {
    const { out: sample } = await runCommand(['settings', '--yaml'])
    const bare = fileOf(t, 'bare.yaml', sample)
    const full = fileOf(t, 'full.yaml', uncomment(sample))
    const asIs = await runCommand(['check', '--config', bare])
    deepEqual([asIs.code, asIs.errors], [0, ''])
    equal(asIs.out.split('\n').filter(line => line.includes(bare)).length, 1)
    const set = await runCommand(['check', '--config', full])
    deepEqual([set.code, set.errors], [0, ''])
    match(set.out, /^ {2}rpushd\.heartbeat_ms +15000 +/m)
    const count = sectionsFor(frontends)
      .flatMap(({ fields }) => Object.values(fields))
      .filter(({ type }) => type !== 'secret').length
    equal(set.out.split('\n').filter(line => line.includes(full)).length, count)
    equal(set.out.split('Would listen')[1], asIs.out.split('Would listen')[1])
  })

  test('the sample of variables is accepted as it is and with every variable set', async () => {
    const { out: sample } = await runCommand(['settings', '--env'])
    deepEqual(variablesOf(sample), {})
    const environment = variablesOf(uncomment(sample))
    ok(Object.keys(environment).length > 20)
    const { code, errors } = await runCommand(['check'], { environment })
    deepEqual([code, errors], [0, ''])
  })
})

describe('token', () => {
  test('a token is signed with the first secret, of a variable or a file', async t => {
    const file = fileOf(t, 'secret', `${secret}\nolder-secret\n`)
    const { code, out, errors } = await runCommand(['token', 'rpushd', 'demo', '--secret-file', file], {
      environment: { RINGCAST_RPUSHD_SECRET: 'another-secret' },
    })
    deepEqual([code, errors], [0, ''])
    for (const [protocol, channel] of [
      ['rpushd', 'x'.repeat(191)],
      ['pushy', 'x'.repeat(200)],
      ['pushy', `a${'.*'.repeat(16)}`],
    ] as const) {
      if (gone.includes(protocol)) continue
      equal((await runCommand(['token', protocol, channel, '--secret-file', file])).code, 0, channel)
    }
    const claims = createHmacVerifier([secret])(out.trimEnd())
    ok(claims)
    const { channel, exp } = JSON.parse(Buffer.from(claims).toString())
    equal(channel, 'demo')
    const ahead = exp - Date.now() / 1_000
    ok(ahead > 3_500 && ahead <= 3_601, `${ahead}`)
  })
})
