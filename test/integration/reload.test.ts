// SIGHUP on a real daemon: what may change while connections stay, what waits for a restart, and what is refused.
import { deepEqual, equal, match } from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { mintHmacToken } from '../../src/auth/hmac-token.ts'
import * as registry from '../../src/frontends/registry.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { encodeRequest } from '../helpers/raw-http.ts'
import { until } from '../helpers/until.ts'

const [oldSecret, newSecret] = ['8d1f63c07a52be94', 'c47e90a1f5d82b36']
const publishSecret = '0b9d2e71f8c3a645'

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'reload-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A daemon whose settings stand in a file that the test writes anew. */
async function startWithFile(t: TestContext): Promise<{ daemon: Daemon; write(settings: object): void }> {
  const path = join(folderFor(t), 'ringcast.json')
  const write = (settings: object) => writeFileSync(path, JSON.stringify(settings))
  write({ rpushd: { secret: oldSecret, publish_secret: publishSecret } })
  const daemon = await startDaemon({
    workers: 3,
    environment: { RINGCAST_CONFIG: path, RPUSHD_SECRET: undefined, RPUSHD_PUBLISH_SECRET: undefined },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  return { daemon, write }
}

async function hangUp(daemon: Daemon): Promise<Readonly<Record<string, unknown>>> {
  const from = daemon.log.length
  daemon.process.kill('SIGHUP')
  const isVerdict = ({ msg }: { msg: string }) => /^settings (?:reloaded|were read again)/.test(msg)
  return until('the settings to be read again', () => daemon.log.slice(from).find(isVerdict))
}

/** The answer's status; an accepted stream stays open until the test ends. */
async function subscribe(
  t: TestContext,
  daemon: Daemon,
  secret: string,
): Promise<RawClient & { status: number }> {
  const exp = 4_102_444_800
  const token = mintHmacToken(secret, { aud: 'rpushd', channel: 'news', exp, scope: 'subscribe' })
  const connection = new RawClient(daemon.address('rpushd'))
  t.after(() => connection.leave())
  const body = JSON.stringify({ token })
  const headers = [['content-type', 'application/json']] as const
  connection.send(encodeRequest({ method: 'POST', target: '/api/stream/news', headers, body }))
  const { status } = await connection.head()
  return Object.assign(connection, { status })
}

test('a secret is changed without a break: both are accepted, then the new one alone, and streams stay', async t => {
  const { daemon, write } = await startWithFile(t)
  const before = await subscribe(t, daemon, oldSecret)
  equal(before.status, 200)
  equal((await subscribe(t, daemon, newSecret)).status, 401)

  write({ rpushd: { secret: [newSecret, oldSecret], publish_secret: publishSecret } })
  deepEqual((await hangUp(daemon))['changed'], ['rpushd.secret'])
  for (const secret of [oldSecret, newSecret]) {
    await until('every worker to know both', async () => (await subscribe(t, daemon, secret)).status === 200)
  }

  write({ rpushd: { secret: newSecret, publish_secret: publishSecret } })
  deepEqual((await hangUp(daemon))['changed'], ['rpushd.secret'])
  await until('the old one to be refused', async () => (await subscribe(t, daemon, oldSecret)).status === 401)
  equal(daemon.process.exitCode, null)
  equal(before.closed, false)
  equal(await daemon.stop(), 0)
})

test('what cannot change live is named, and waits', async t => {
  const { daemon, write } = await startWithFile(t)
  write({
    state_dir: '/nowhere',
    log_level: 'debug',
    rpushd: { secret: oldSecret, publish_secret: publishSecret, heartbeat_ms: 9_000, body_bytes_max: 2_000 },
  })
  const verdict = await hangUp(daemon)
  deepEqual(verdict['changed'], ['log_level', 'rpushd.body_bytes_max'])
  deepEqual(verdict['waiting'], ['state_dir', 'rpushd.heartbeat_ms'])
  match(String(verdict['msg']), /some wait for a restart/)
  equal(await daemon.stop(), 0)
})

if (Object.hasOwn(registry, 'pushy')) {
  test('keys for other purposes that an issuer adds to its set are told once, and refuse nothing', async t => {
    const path = join(folderFor(t), 'keys.json')
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const key = publicKey.export({ format: 'jwk' })
    const write = (...more: readonly object[]) =>
      writeFileSync(path, JSON.stringify({ keys: [key, ...more] }))
    write()
    const daemon = await startDaemon({ environment: { RINGCAST_PUSHY_JWKS_FILE: path } })
    t.after(() => daemon.process.kill('SIGKILL'))
    const told = () => daemon.log.filter(({ code }) => code === 'file-doubtful').map(({ msg }) => msg)
    deepEqual(told(), [])
    write({ ...key, use: 'enc' }, { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AA' })
    for (const times of [1, 2]) {
      match(String((await hangUp(daemon))['msg']), /^settings reloaded/, `SIGHUP ${times}`)
      deepEqual(told(), [
        `pushy: the key set ${path}: some are passed over: key 2 has the use "enc"; key 3 has the algorithm "ML-DSA-44", which is none of ours`,
      ])
    }
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const signed = `${part({ alg: 'Ed25519' })}.${part({ channels: ['news'] })}`
    const token = `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`
    const { status } = await fetch(`http://${daemon.address('pushy')}/publish/news`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"data":{}}',
    })
    equal(status, 200)
    write({ kty: 'oct', k: 'eA' })
    match(String((await hangUp(daemon))['msg']), /refused: nothing changed/)
    equal(await daemon.stop(), 0)
  })
}

test('a mistake anywhere leaves everything as it was', async t => {
  const { daemon, write } = await startWithFile(t)
  write({ rpushd: { secret: newSecret, publish_secret: publishSecret, heartbeat: 5 } })
  match(String((await hangUp(daemon))['msg']), /refused: nothing changed/)
  const mistakes = daemon.log.filter(line => line['code'] === 'reload-refused').map(({ msg }) => msg)
  match(mistakes[0] ?? '', /rpushd\.heartbeat in .* is unknown; did you mean rpushd\.heartbeat_ms/)
  equal((await subscribe(t, daemon, oldSecret)).status, 200)
  equal(await daemon.stop(), 0)
})
