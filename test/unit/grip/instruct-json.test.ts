// Instructions as JSON: rows 92 to 97 of the contract, and its §5.9.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readJsonInstruct } from '../../../src/frontends/grip/instruct/from-json.ts'

const options = { channelsMax: 20 }

function json(text: string, code = 200) {
  return readJsonInstruct(code, Buffer.from(text), options)
}

describe('instructions as JSON', () => {
  const held = (members: string) => `{"hold":{"channels":[],${members}}}`
  const rows: readonly [text: string, error: string][] = [
    ['{', 'failed to parse application/grip-instruct content as JSON'],
    ['['.repeat(200) + ']'.repeat(200), 'failed to parse application/grip-instruct content as JSON'],
    ['[]', 'instruct must be an object'],
    ['{"hold":[]}', `instruct contains 'hold' with wrong type`],
    ['{"hold":null}', `instruct contains 'hold' with wrong type`],
    ['{"hold":{}}', `hold does not contain 'channels'`],
    ['{"hold":{"channels":{}}}', `hold contains 'channels' with wrong type`],
    [held('"mode":"x"'), `hold 'mode' must be set to either 'response' or 'stream'`],
    ['{"hold":{"channels":[{}]}}', `channel does not contain 'name'`],
    ['{"hold":{"channels":[{"name":1}]}}', `channel contains 'name' with wrong type`],
    [
      '{"hold":{"channels":[{"name":"a","filters":["","","","","",""]}]}}',
      `too many filters for channel 'a'`,
    ],
    [held('"timeout":-1'), `hold contains 'timeout' with invalid value`],
    [held('"keep-alive":1'), `hold contains 'keep-alive' with wrong type`],
    [held('"meta":{"a":1}'), `'meta' contains 'a' with wrong type`],
    ['{"response":{"code":1000}}', `response contains 'code' with invalid value`],
    ['{"response":{"headers":1}}', `response contains 'headers' with wrong type`],
    ['{"response":{"body":1}}', `response contains 'body' with wrong type`],
    ['{"response":1}', ''],
  ]
  test('each mistake has its text (rows 95 to 97)', () => {
    for (const [text, error] of rows) deepEqual(json(text), { ok: false, error }, text)
    const other = 'response code for application/grip-instruct content must be 200'
    deepEqual(json('{}', 201), { ok: false, error: other })
  })

  test('a hold and the response in it (row 92)', () => {
    const text = `{"hold":{"mode":"stream","channels":[{"name":"a","prev-id":"1","filters":["skip-self"]}],
      "keep-alive":{"content":"\\n","timeout":2},"meta":{"user":"bob"}},
      "response":{"code":201,"reason":"Yo","headers":{"X-A":"1"},"body":"init\\n"}}`
    deepEqual(json(text), {
      ok: true,
      instruct: {
        hold: {
          mode: 'stream',
          channels: [{ name: 'a', prevId: '1', filters: ['skip-self'] }],
          timeoutMs: 55_000,
          keepAlive: { bytes: Buffer.from('\n'), timeoutMs: 2_000, mode: 'interval' },
          meta: new Map([['user', 'bob']]),
        },
        ignoredChannels: 0,
        response: { code: 201, reason: 'Yo', rawHeaders: ['X-A', '1'], body: Buffer.from('init\n') },
      },
    })
  })

  test('without a hold, and with what is left out (rows 93, 94)', () => {
    const plain = json('\ufeff{"response":{"code":404,"body":"nf\\n"}}')
    deepEqual(plain.ok && [plain.instruct.hold, plain.instruct.response?.reason], [undefined, 'Not Found'])
    const poll = json(
      '{"hold":{"channels":[],"timeout":"7"},"response":{"headers":[["X-A","1"],["X-A","2"],["Content-Length","9"],["X\\r\\n","3"]],"body-bin":"aGk="}}',
    )
    ok(poll.ok)
    deepEqual([poll.instruct.hold?.mode, poll.instruct.hold?.timeoutMs], ['response', 7_000])
    deepEqual(poll.instruct.response, {
      code: 200,
      reason: 'OK',
      rawHeaders: ['X-A', '1', 'X-A', '2'],
      body: Buffer.from('hi'),
    })
    for (const [timeout, ms] of [
      ['"x"', 5_000],
      ['6.6', 7_000],
      ['1', 5_000],
    ] as const) {
      const reading = json(held(`"timeout":${timeout}`))
      equal(reading.ok && reading.instruct.hold?.timeoutMs, ms)
    }
  })
})
