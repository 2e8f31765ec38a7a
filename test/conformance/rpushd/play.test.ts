// The client module of the playground, where the protocol's wire leaves something out.
import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import * as rpushd from '../../../src/frontends/rpushd/play.ts'
import { hear, serve } from '../../helpers/play-clients.ts'
import { until } from '../../helpers/until.ts'

test('the client of rpushd counts a message that no frame could carry', async t => {
  const frame = (text: string) => Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)])
  const { url } = await serve(
    t,
    200,
    Buffer.concat([
      frame(''),
      frame(' {"ringcast":{"position":"e.7","gap":false}}'),
      frame(' {"ringcast":{"omitted":true}}'),
      frame('1'),
    ]),
  )
  const heard = hear(t, rpushd, { url, channel: 'demo', credentials: { token: 't' } })
  await until('the end', () => heard.length === 4)
  deepEqual(heard, ['opened e.7', 'missed e.8', '1 e.9', 'closed the server ended the stream'])
})
