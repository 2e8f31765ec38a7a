import { deepEqual, equal, notEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ChannelRecord, planOf, targetOf } from '../../../src/frontends/pushwire/config/config.ts'
import { mistakesIn } from '../../../src/frontends/pushwire/config/mistakes.ts'
import { frontend } from '../../../src/frontends/pushwire/frontend.ts'
import { type PushwireSettings, pushwireSection } from '../../../src/frontends/pushwire/settings.ts'
import { defaultsOf } from '../../helpers/defaults.ts'

const presets = defaultsOf<PushwireSettings>(pushwireSection.fields)
const system: ChannelRecord = { name: 'system', system: true }
const withChannels = (...channels: ChannelRecord[]): PushwireSettings => ({ ...presets, channels })

describe('a plan', () => {
  test('of nothing said is the one of the examples', () => {
    deepEqual(mistakesIn(presets), [])
    const plan = planOf(presets)
    deepEqual(
      plan.channels.map(({ name, wireId, lane, scope, handler }) => [
        name,
        wireId,
        lane,
        scope,
        handler.kind,
      ]),
      [
        ['system', 5, 'high', 'channel', 'none'],
        ['chat', 1, 'normal', 'channel', 'broadcast'],
        ['demo', undefined, 'normal', 'channel', 'broadcast'],
        ['*', undefined, 'normal', 'channel', 'broadcast'],
      ],
    )
    equal(plan.system, plan.channels[0])
    deepEqual([...plan.byName.keys()], ['chat', 'demo'])
  })

  test('fills in what a record leaves out, from the settings and from its handler', () => {
    const plan = planOf({
      ...withChannels(
        system,
        { name: 'data', handler: 'webhook', url: 'http://127.0.0.1:1/' },
        { name: 'inbox', handler: 'publish', to: 'support.{client_id}', scope: 'channel', ring: 7 },
        { name: 'doc', priority: 200, replayOnJoin: true, overflow: 'close' },
      ),
      ring: 12,
    })
    deepEqual(plan.byName.get('data'), {
      name: 'data',
      configured: 'data',
      wireId: undefined,
      priority: 1,
      lane: 'normal',
      isSystem: false,
      scope: 'client',
      handler: { kind: 'webhook', url: 'http://127.0.0.1:1/' },
      ring: 12,
      ringBytes: 4_194_304,
      ringAgeMs: 900_000,
      retentionMs: 900_000,
      overflow: 'gap',
      replayOnJoin: false,
    })
    const inbox = plan.byName.get('inbox')
    deepEqual([inbox?.scope, inbox?.ring], ['channel', 7])
    const doc = plan.byName.get('doc')
    deepEqual([doc?.scope, doc?.lane, doc?.replayOnJoin, doc?.overflow], ['channel', 'low', true, 'close'])
  })

  test('makes channels of patterns when they are looked for, by the first that fits', () => {
    const plan = planOf(
      withChannels(
        system,
        { name: 'room.lobby', priority: 0 },
        { name: 'room.*', handler: 'broadcast' },
        { name: '*' },
      ),
    )
    deepEqual([...plan.byName.keys()], ['room.lobby'])
    const found = ['room.lobby', 'room.7', 'other'].map(name => plan.find(name))
    deepEqual(
      found.map(channel => [channel?.name, channel?.configured, channel?.lane]),
      [
        ['room.lobby', 'room.lobby', 'high'],
        ['room.7', 'room.*', 'normal'],
        ['other', '*', 'normal'],
      ],
    )
    equal(plan.find('room.7'), found[1])
    // What separates channels in event streams is in no name, and the system channel is none of them.
    for (const name of ['', 'a,b', 'a:b', 'a b', 'x'.repeat(65), 'system'])
      equal(plan.find(name), undefined, name)
  })

  test('has a system channel, or there is none', () => {
    throws(() => planOf(withChannels({ name: 'chat' })), /has a mistake/)
  })

  test('says where a frame goes that is published', () => {
    equal(targetOf('support.{client_id}.{client_id}', 'a-b'), 'support.a-b.a-b')
    equal(targetOf('{client_id}', 'x'.repeat(1_025)), undefined)
  })
})

test('streams of a client outlive it for as long as their channel says, and the id is known for as long as any', () => {
  const channels = [
    { name: 'system', system: true },
    { name: 'short', scope: 'client', retentionMs: 1_000 },
    { name: 'long', scope: 'client', retentionMs: 7_200_000 },
    { name: 'usual', scope: 'client' },
    { name: 'chat' },
  ] as const
  const settings = { ...defaultsOf<PushwireSettings>(pushwireSection.fields), channels }
  const kept = frontend.privateGroups?.(settings).map(({ group, idleMs }) => [group, idleMs])
  deepEqual(kept, [
    ['pushwire', 7_200_000],
    ['pushwire/short', 1_000],
    ['pushwire/long', 7_200_000],
    ['pushwire/usual', 900_000],
  ])
})

describe('mistakes of a list of channels', () => {
  const told = (...channels: ChannelRecord[]): readonly string[] =>
    mistakesIn(withChannels(...channels)).map(text => text.replace('RINGCAST_PUSHWIRE_CHANNELS', ''))

  test('an example of everything that may be said has none', () => {
    deepEqual(
      told(
        { ...system, wireId: 0, priority: 0 },
        { name: 'chat', wireId: 255, handler: 'broadcast', includeSender: true, replayOnJoin: true },
        { name: 'echo', handler: 'broadcast', scope: 'client', includeSender: false, retentionMs: 1_000 },
        { name: 'data', handler: 'webhook', url: 'https://[::1]:8080/data?x=1' },
        { name: 'inbox', handler: 'publish', to: 'support.{client_id}' },
        { name: `a${'0'.repeat(61)}_.`, priority: 255 },
        { name: 'room.*', handler: 'broadcast', replayOnJoin: true },
      ),
      [],
    )
  })

  const rows: readonly (readonly [what: string, channels: readonly ChannelRecord[], texts: RegExp[]])[] = [
    ['no system channel', [{ name: 'chat' }], [/must have exactly one.* has 0$/]],
    ['two of them', [system, { ...system, name: 'other' }], [/must have exactly one.* has 2$/]],
    [
      'a pattern with what one channel alone can have',
      [system, { name: 'Room *', wireId: 3, scope: 'client' }],
      [/^\[1\]\.name is 'Room \*': a pattern/, /^\[1\]\.wireId has no place/, /^\[1\]\.scope of a pattern/],
    ],
    [
      'what a pattern for everything cannot say',
      [system, { name: '*', handler: 'broadcast', ring: 5 }],
      [/^\[1\]\.ring would be for the channels of all protocols/],
    ],
    [
      'equal names',
      [system, { name: 'a' }, { name: 'a' }],
      [/^\[2\]\.name is a, which \S+\[1\] has already$/],
    ],
    [
      'equal wire ids',
      [
        { ...system, wireId: 1 },
        { name: 'a', wireId: 1 },
      ],
      [/^\[1\]\.wireId is 1, which \S*\[0\]/],
    ],
    ['a name with a capital', [system, { name: 'Chat' }], [/^\[1\]\.name is 'Chat'/]],
    ['an empty name', [system, { name: '' }], [/^\[1\]\.name is ''/]],
    ['a name of 65', [system, { name: 'a'.repeat(65) }], [/^\[1\]\.name/]],
    ['a name that is a list', [system, { name: 'a,b' }], [/^\[1\]\.name/]],
    ['a name with a line end', [system, { name: 'a\n' }], [/^\[1\]\.name/]],
    [
      'a sender left out in channel scope',
      [system, { name: 'a', handler: 'broadcast', includeSender: false }],
      [/^\[1\]\.includeSender/],
    ],
    ['publish without to', [system, { name: 'a', handler: 'publish' }], [/^\[1\]\.to is missing/]],
    ['to without publish', [system, { name: 'a', to: 'b' }], [/^\[1\]\.to has no effect with handler none/]],
    [
      'to with an unknown mark',
      [system, { name: 'a', handler: 'publish', to: 'b.{client}.{client_id}' }],
      [/^\[1\]\.to has \{client\}/],
    ],
    [
      'to that is too long for a channel',
      [system, { name: 'a', handler: 'publish', to: `${'b'.repeat(1_000)}{client_id}` }],
      [/^\[1\]\.to is no name/],
    ],
    ['webhook without url', [system, { name: 'a', handler: 'webhook' }], [/^\[1\]\.url is missing/]],
    ['url without webhook', [system, { name: 'a', url: 'http://x/' }], [/^\[1\]\.url has no effect/]],
    [
      'a url with a password',
      [system, { name: 'a', handler: 'webhook', url: 'http://a:b@x/' }],
      [/^\[1\]\.url has a name or a password in it$/],
    ],
    [
      'a url of a file',
      [system, { name: 'a', handler: 'webhook', url: 'file:///etc' }],
      [/^\[1\]\.url does not begin/],
    ],
    [
      'replay in client scope',
      [system, { name: 'a', scope: 'client', replayOnJoin: true }],
      [/^\[1\]\.replayOnJoin/],
    ],
    [
      'a system channel that keeps and handles',
      [{ ...system, handler: 'none', scope: 'channel', ring: 1 }],
      [/^\[0\]\.handler has no place/, /^\[0\]\.scope/, /^\[0\]\.ring has/],
    ],
  ]
  for (const [what, channels, texts] of rows) {
    test(what, () => {
      const mistakes = told(...channels)
      equal(mistakes.length, texts.length, mistakes.join('\n'))
      for (const [index, text] of texts.entries())
        equal(text.test(mistakes[index] ?? ''), true, mistakes[index])
    })
  }

  test('are all told at once', () => {
    const mistakes = told({ name: 'A' }, { name: 'b', handler: 'publish' }, { name: 'b', to: 'c', url: 'd' })
    equal(mistakes.length, 6, mistakes.join('\n'))
  })
})

describe('mistakes of who is let in', () => {
  test('a mode without what it needs', () => {
    for (const auth of ['static', 'jwt', 'webhook'] as const) {
      const [mistake, ...more] = mistakesIn({ ...presets, auth })
      deepEqual([mistake?.startsWith(`RINGCAST_PUSHWIRE_AUTH is ${auth}, which needs`), more], [true, []])
    }
    deepEqual(mistakesIn({ ...presets, auth: 'jwt', jwtSecret: ['s'] }), [])
    deepEqual(mistakesIn({ ...presets, auth: 'jwt', jwksFile: '/keys' }), [])
    deepEqual(mistakesIn({ ...presets, auth: 'webhook', authUrl: 'http://127.0.0.1/' }), [])
  })

  test('a URL that is none, whatever the mode', () => {
    deepEqual(mistakesIn({ ...presets, authUrl: 'there' }), ['RINGCAST_PUSHWIRE_AUTH_URL is no URL'])
  })

  test('tokens: digests, repeated ones, channels, ids; a digest is not told', () => {
    const [one, other] = ['0'.repeat(64), 'f'.repeat(64)]
    const clientId = '7D444840-9dc0-11d1-b245-5ffdce74fad2'
    deepEqual(
      mistakesIn({ ...presets, tokens: [{ sha256: one, channels: ['chat:r', 'system'], clientId }] }),
      [],
    )
    const mistakes = mistakesIn({
      ...presets,
      tokens: [
        { sha256: 'secret' },
        { sha256: other, channels: ['chatt', 'chat:x', ':r'], clientId: 'me' },
        { sha256: other.toUpperCase() },
      ],
    })
    deepEqual(
      mistakes.map(text => text.replace('RINGCAST_PUSHWIRE_TOKENS', '')),
      [
        '[0].sha256 must be 64 hexadecimal digits',
        "[1].channels has 'chatt', and there is no channel of that name",
        "[1].channels has 'chat:x', which is neither name nor name:r, name:w, name:rw",
        "[1].channels has ':r', which is neither name nor name:r, name:w, name:rw",
        "[1].clientId is 'me', which is no UUID",
        '[2].sha256 is the one of [1]',
      ],
    )
    notEqual(mistakes.join().includes('secret'), true)
  })

  test('exceptions for addresses', () => {
    deepEqual(mistakesIn({ ...presets, outgoingAllow: ['169.254.169.254', '10.0.0.0/8', '[::1]:80'] }), [])
    equal(mistakesIn({ ...presets, outgoingAllow: ['localhost', '10.0.0.0/33'] }).length, 2)
  })
})
