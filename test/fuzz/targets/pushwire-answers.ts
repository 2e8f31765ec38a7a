// What applications answer to pushwire's webhooks, and what operators write about them: whatever it is, nobody is let in by what
// does not read, and nothing is sent but frames that are whole.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { Permissions, parseGrants } from '../../../src/frontends/pushwire/config/permission.ts'
import { readOrders } from '../../../src/frontends/pushwire/handlers/webhook-orders.ts'
import { readWebhookAnswer } from '../../../src/frontends/pushwire/validators/webhook-answer.ts'
import { parseCallUrl } from '../../../src/net/outgoing/call-url.ts'
import { allowanceFault, createIsForbidden } from '../../../src/net/outgoing/forbidden-addresses.ts'
import { damaged } from '../damage.ts'
import type { Target } from '../target.ts'

const clientId = '7d444840-9dc0-11d1-b245-5ffdce74fad2'
const asked = { clientId, unixMs: 1_700_000_000_000 }

const verdicts: Target = {
  name: 'pushwire-verdicts',
  inputs: damaged([
    '',
    '{"channels":["chat","data"],"ttl":60}',
    `{"channels":{"chat":"r","data":"rw"},"client_id":"${clientId}","ttl":1.5e1,"expires_at":1700000001}`,
    '{"message":"go away"}',
  ]),
  check(body) {
    const yes = readWebhookAnswer({ status: 200, body }, asked)
    if (yes.kind === 'yes') {
      ok(yes.keptMs >= 0 && yes.keptMs <= 60_000)
      ok(yes.expires === undefined || yes.expires * 1_000 > asked.unixMs)
      // Anything that was not understood as channels would be everything.
      const said: { channels?: unknown } = body.length === 0 ? {} : JSON.parse(body.toString())
      equal(yes.grants === 'all', said.channels === undefined)
      deepEqual(parseGrants(said.channels), yes.grants)
      const { reads, writes } = new Permissions(['chat', 'data']).of(yes.grants, yes.expires)
      ok(reads.size <= 2 && writes.size <= 2)
    }
    const no = readWebhookAnswer({ status: 403, body }, asked)
    ok(no.kind === 'no' && !no.verdict.ok && no.verdict.reason === 'refused')
    ok(no.verdict.message !== '' && Array.from(no.verdict.message).length <= 256)
    equal(readWebhookAnswer({ status: 302, body }, asked).kind, 'fault')
  },
}

const orders: Target = {
  name: 'pushwire-orders',
  inputs: damaged([
    `{"send":[{"to":"${clientId}","channel":"data","payload":{"a":[1,"\\u00e9"]}}],"broadcast":[{"channel":"chat","payload":1e2}]}`,
    '{"broadcast":[{"channel":"a","payload":null},{"payload":"x","channel":"b","channel":"c"}],"send":null}',
    `{"broadcast":[${'{"channel":"a","payload":1},'.repeat(63)}{"channel":"b","payload":2}]}`,
  ]),
  check(body) {
    const read = readOrders(body)
    if (typeof read === 'string') return
    ok(read.send.length + read.broadcast.length <= 64)
    if (body.length === 0) return
    // As a parser has it, which drops what was written twice.
    const said = JSON.parse(body.toString())
    const meant = (list: readonly { payload: unknown }[] | null | undefined) =>
      (list ?? []).map(({ payload }) => payload)
    const cut = (list: readonly { readonly payload: Uint8Array }[]) =>
      list.map(({ payload }) => JSON.parse(Buffer.from(payload).toString()))
    deepEqual(cut(read.send), meant(said.send))
    deepEqual(cut(read.broadcast), meant(said.broadcast))
  },
}

const places: Target = {
  name: 'pushwire-places',
  inputs: damaged([
    'http://a.example/auth?x=1',
    'https://[::1]:8443/',
    'http://169.254.169.254/latest',
    '169.254.169.254',
    '10.0.0.0/8',
    '[fe80::1]:80',
  ]),
  check(bytes) {
    const text = bytes.toString()
    const address = parseCallUrl(text)
    if (typeof address !== 'string') {
      ok(address.path.startsWith('/') && !address.path.includes('#'))
      ok(address.target.port <= 65_535 && !address.host.includes('@'))
    }
    const isForbidden = createIsForbidden([text], [{ host: '127.0.0.1', port: 80 }])
    if (allowanceFault(text) === undefined) return void isForbidden('169.254.169.254', 80)
    equal(isForbidden('169.254.169.254', 80), true)
    equal(isForbidden('127.0.0.1', 80), true)
  },
}

export const targets: readonly Target[] = [verdicts, orders, places]
