// What the application asks for is judged before anything is done for it.
import { deepEqual, fail } from 'node:assert/strict'
import { test } from 'node:test'
import type { OperatorCall } from '../../../src/frontends/operate.ts'
import { Backend } from '../../../src/frontends/pushwire/handlers/backend.ts'
import { Operator } from '../../../src/frontends/pushwire/operate.ts'
import { type PushwireSettings, pushwireSection } from '../../../src/frontends/pushwire/settings.ts'
import { defaultsOf } from '../../helpers/defaults.ts'
import { Scene } from '../../helpers/pushwire/scene.ts'

test('an asset for nobody, or for a channel that is none, is neither hashed nor stored', () => {
  const scene = new Scene({
    channels: [{ name: 'system', system: true }, { name: 'data', scope: 'client' }, { name: 'chat' }],
  })
  const settings = defaultsOf<PushwireSettings>(pushwireSection.fields)
  const never = () => fail('it is not to be kept')
  const backend = new Backend({ plan: scene.plan, engine: scene.engine() })
  const operator = new Operator(backend, {
    settings,
    offload: { hash: never },
    store: { put: never },
    base: '/a',
  })
  const refused: string[] = []
  for (const channel of ['data', 'chat', 'none']) {
    const call = {
      route: 'clients/{id}/assets',
      segments: { id: '7d444840-9dc0-11d1-b245-5ffdce74fad2' },
      exchange: {
        query: `channel=${channel}`,
        header: () => 'image/png',
        guarded: (run: () => void) => run(),
      },
      readBody: (done: (body: Uint8Array) => void) => done(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')),
      answer: () => fail('it is refused'),
      refuse: ({ code }: { code: string }) => refused.push(code),
    }
    operator.operate(call as unknown as OperatorCall) // nothing else of it is used
    scene.settle()
  }
  deepEqual(refused, ['client-unknown', 'channel-shared', 'channel-unknown'])
})
