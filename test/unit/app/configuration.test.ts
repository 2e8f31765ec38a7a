import { deepEqual, equal, fail, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readConfiguration } from '../../../src/app/configuration.ts'
import type { Frontend } from '../../../src/frontends/frontend.ts'
import * as registry from '../../../src/frontends/registry.ts'
import { bareFrontend } from '../../helpers/bare-frontend.ts'

/** A protocol with secrets, which are those of an original, too. */
const lodge = bareFrontend('lodge', {
  secret: { type: 'secret', doc: '', aliases: [{ variable: 'LODGE_SECRET' }] },
  publishSecret: {
    type: 'secret',
    isPresented: true,
    doc: '',
    aliases: [{ variable: 'LODGE_PUBLISH_SECRET' }],
  },
})

const own = [lodge]

const random = { hex: (bytes: number) => '5a'.repeat(bytes) }
const strong = 'f3a9c1d8e7b2064455aa'

/** A protocol that lets everybody in. */
const gate: Frontend = { ...bareFrontend('gate'), isOpen: () => true }

const read = (environment: Record<string, string>, known: readonly Frontend[] = own) =>
  readConfiguration(known, { environment }, random)

const production = {
  RINGCAST_MODE: 'production',
  RINGCAST_LODGE_SECRET: strong,
  RINGCAST_LODGE_PUBLISH_SECRET: `${strong}2`,
}

describe('development', () => {
  test('generates the secrets that are missing, and tells their names', () => {
    const { mistakes, generated, values } = read({ RINGCAST_LODGE_SECRET: 'short' })
    deepEqual(mistakes, [])
    deepEqual([...generated.keys()], ['RINGCAST_ADMIN_SECRET', 'RINGCAST_LODGE_PUBLISH_SECRET'])
    deepEqual(values['lodge']?.['secret'], ['short'])
    deepEqual(values['lodge']?.['publishSecret'], ['5a'.repeat(24)])
  })

  test('listens on loopback only', () => {
    const { mistakes } = read({ RINGCAST_LODGE_LISTEN: '0.0.0.0:1', RINGCAST_ADMIN_LISTEN: '[::]:2' })
    equal(mistakes.length, 2)
    for (const mistake of mistakes) match(mistake, /development listens on loopback addresses only/)
    deepEqual(read({ RINGCAST_LODGE_LISTEN: '[::1]:1', RINGCAST_ADMIN_LISTEN: 'localhost:2' }).mistakes, [])
  })

  test('lets everybody in where the protocol does', () => deepEqual(read({}, [gate]).mistakes, []))
})

describe('production', () => {
  test('starts with good secrets, and needs none for the admin listener', () => {
    const { mistakes, warnings, generated, values } = read(production)
    deepEqual([mistakes, warnings, [...generated]], [[], [], []])
    deepEqual(values['admin']?.['secret'], [])
  })

  test('refuses to start without secrets, and says how to make one', () => {
    const { mistakes } = read({ RINGCAST_MODE: 'production' })
    deepEqual(mistakes, [
      'RINGCAST_LODGE_SECRET is required in production; one way to make one: openssl rand -hex 24',
      'RINGCAST_LODGE_PUBLISH_SECRET is required in production; one way to make one: openssl rand -hex 24',
    ])
  })

  test('refuses weak secrets without showing them; 16 characters, 5 of them different, are enough', () => {
    for (const [secret, sentence] of [
      ['f3a9c1d8e7b2064', /too short for production: under 16 characters/],
      ['f3a9c1d8e7b20644', undefined],
      ['abababababababcd', /too simple for production: under 5 different/],
      ['abababababababcde', undefined],
      ['please-change-me-now', /looks like a placeholder/],
      [`${strong}\nshort`, /too short/],
    ] as const) {
      const { mistakes } = read({ ...production, RINGCAST_LODGE_SECRET: secret })
      equal(mistakes.length, sentence === undefined ? 0 : 1, secret)
      if (sentence === undefined) continue
      match(mistakes[0] ?? '', sentence)
      ok(!mistakes[0]?.includes(secret) && mistakes[0]?.includes('openssl rand'))
    }
  })

  test('only warns of a weak secret under the name of the original: it was good enough so far', () => {
    const { mistakes, warnings } = read({
      RINGCAST_MODE: 'production',
      LODGE_SECRET: 'short',
      LODGE_PUBLISH_SECRET: strong,
    })
    deepEqual(mistakes, [])
    equal(warnings.length, 1)
    equal(warnings[0]?.code, 'setting-weak')
    match(warnings[0]?.text ?? '', /^LODGE_SECRET is too short/)
  })

  test('refuses what no header can carry, in development too, and only warns of it under the name of the original', () => {
    const unfit =
      'has characters that no header can carry, so that no client can present it; write it in visible ASCII'
    for (const secret of [
      'пароль-пароль-пароль',
      `${strong}é`,
      `${strong}\u0001`,
      `${strong}\n${strong}\u007f`,
    ]) {
      for (const name of ['RINGCAST_LODGE_PUBLISH_SECRET', 'RINGCAST_ADMIN_SECRET']) {
        deepEqual(read({ ...production, [name]: secret }).mistakes, [`${name} ${unfit}`])
        deepEqual(read({ [name]: secret }).mistakes, [`${name} ${unfit}`])
      }
      const { mistakes, warnings } = read({
        RINGCAST_MODE: 'production',
        LODGE_SECRET: strong,
        LODGE_PUBLISH_SECRET: secret,
      })
      const text = `LODGE_PUBLISH_SECRET ${unfit}`
      deepEqual([mistakes, warnings], [[], [{ code: 'setting-weak', text }]])
      deepEqual(read({ ...production, RINGCAST_LODGE_SECRET: secret }).mistakes, [], 'it is in no header')
    }
    for (const secret of [`${strong} ${strong}`, `${strong}\t~`]) {
      deepEqual(read({ ...production, RINGCAST_LODGE_PUBLISH_SECRET: secret }).mistakes, [])
    }
  })

  test('refuses what is not UTF-8: each of its bytes would be the same', () => {
    const list = { ...production, RINGCAST_LODGE_SUBSCRIBE: 'a,caf\ufffd.*' }
    deepEqual(read(list).mistakes, ['RINGCAST_LODGE_SUBSCRIBE is not UTF-8'])
    for (const name of ['RINGCAST_LODGE_SECRET', 'LODGE_SECRET']) {
      const { RINGCAST_LODGE_SECRET: _, ...rest } = production
      deepEqual(read({ ...rest, [name]: `${strong}\ufffd` }).mistakes, [`${name} is not UTF-8`])
    }
  })

  test('asks a protocol that lets everybody in for both lists of channels', () => {
    const open = { RINGCAST_MODE: 'production' }
    const { mistakes } = read(open, [gate])
    equal(mistakes.length, 2)
    match(
      mistakes[0] ?? '',
      /^RINGCAST_GATE_SUBSCRIBE is required in production, since gate lets everybody in/,
    )
    match(mistakes[1] ?? '', /^RINGCAST_GATE_PUBLISH is required/)
    const listed = { ...open, RINGCAST_GATE_SUBSCRIBE: 'news', RINGCAST_GATE_PUBLISH: '*' }
    deepEqual(read(listed, [gate]).mistakes, [])
  })
})

describe('what a protocol finds wrong with its settings', () => {
  test('refuses the start, with its name', () => {
    const picky: Frontend = { ...gate, mistakes: () => ['the moon is not full'] }
    deepEqual(read({}, [picky]).mistakes, ['gate: the moon is not full'])
  })

  test('is told, and nothing is made of them', () => {
    const never = () => fail('it has no sound settings')
    const picky: Frontend = {
      ...gate,
      mistakes: () => ['one', 'another'],
      channels: never,
      privateGroups: never,
    }
    deepEqual(read({}, [picky]).mistakes, ['gate: one', 'gate: another'])
  })

  test('is all that an operator is told of, whatever protocol it is', () => {
    const channels = [
      { name: 'a' },
      { name: 'B', scope: 'client' },
      { name: 'c*', handler: 'publish', to: 'x'.repeat(2_000) },
    ]
    for (const frontend of Object.values(registry)) {
      const variable = `RINGCAST_${frontend.name.toUpperCase()}_CHANNELS`
      const { mistakes } = read({ [variable]: JSON.stringify(channels) }, [frontend])
      if ('channels' in frontend.section.fields) ok(mistakes.length > 2, `${mistakes}`)
    }
  })
})

describe('what is in the files that settings of a protocol name', () => {
  const warning = 'the key set a.json: key 2 has the use "enc"'
  const holding = (secret: string): Frontend => ({
    ...gate,
    judgeFiles: () => ({ mistakes: [], warnings: [warning], secrets: [{ name: 'key 1', secret }] }),
  })
  const open = { RINGCAST_MODE: 'production', RINGCAST_GATE_SUBSCRIBE: '*', RINGCAST_GATE_PUBLISH: '*' }

  test('refuses the start where it is none, and is told where something is wrong with it', () => {
    const broken: Frontend = {
      ...gate,
      judgeFiles: () => ({ mistakes: ['it is not JSON'], warnings: [], secrets: [] }),
    }
    deepEqual(read({}, [broken]).mistakes, ['gate: it is not JSON'])
    const { mistakes, warnings } = read(open, [holding(strong)])
    deepEqual([mistakes, warnings], [[], [{ code: 'file-doubtful', text: `gate: ${warning}` }]])
  })

  test('is judged as secrets of settings are: in production, and never shown', () => {
    deepEqual(read({}, [holding('x')]).mistakes, [])
    const { mistakes } = read(open, [holding('x')])
    deepEqual(mistakes, [
      'gate: key 1 is too short for production: under 16 characters; one way to make one: openssl rand -hex 24',
    ])
    deepEqual(read(open, [holding('f3a9c1d8e7b20644')]).mistakes, [])
  })
})

test('namespaces name protocols that there are, or the API', () => {
  const namespaces = (publish: string[]) => ({
    RINGCAST_NAMESPACES: JSON.stringify([{ pattern: 'a', publish }]),
  })
  deepEqual(read(namespaces(['lodge', 'admin'])).mistakes, [])
  deepEqual(read(namespaces(['lodged'])).mistakes, [
    'RINGCAST_NAMESPACES[0].publish has lodged, which is unknown; did you mean lodge?',
  ])
  // Whichever protocols are started: the same list serves every node.
  deepEqual(read({ ...namespaces(['gate']), RINGCAST_ONLY: 'lodge' }, [...own, gate]).mistakes, [])
})

describe('the protocols to start', () => {
  test('are those that are named, and a name that is none is told', () => {
    const { frontends: started, mistakes } = read({ RINGCAST_ONLY: 'gate' }, [...own, gate])
    deepEqual([started.map(({ name }) => name), mistakes], [['gate'], []])
    deepEqual(read({ RINGCAST_ONLY: 'loge,lodge' }).mistakes, [
      'RINGCAST_ONLY: loge is unknown; did you mean lodge?',
    ])
  })

  test('are those whose address is not off; none at all is a mistake', () => {
    const { frontends: started } = read({ RINGCAST_LODGE_LISTEN: 'off' }, [...own, gate])
    deepEqual(
      started.map(({ name }) => name),
      ['gate'],
    )
    deepEqual(read({ RINGCAST_LODGE_LISTEN: 'off' }).mistakes, [
      'there is no protocol to start; every address is off',
    ])
  })

  test('are those with an address in any list; an empty one is none', () => {
    const listed = bareFrontend('listed', { doors: { type: 'list', default: [], doc: '' } })
    const frontend: Frontend = {
      ...listed,
      doors: [{ setting: 'listen' }, { name: 'more', setting: 'doors', isGate: true }],
    }
    const started = (more: Readonly<Record<string, string>>) =>
      read({ RINGCAST_LISTED_LISTEN: 'off', ...more }, [gate, frontend]).frontends.map(({ name }) => name)
    deepEqual(started({}), ['gate'])
    deepEqual(started({ RINGCAST_LISTED_DOORS: '127.0.0.1:1' }), ['gate', 'listed'])
  })

  test('need no secrets when they are not started', () => {
    const environment = { RINGCAST_MODE: 'production', RINGCAST_ONLY: 'gate', RINGCAST_GATE_PUBLISH: 'a' }
    const { mistakes } = read({ ...environment, RINGCAST_GATE_SUBSCRIBE: 'a' }, [...own, gate])
    deepEqual(mistakes, [])
  })
})
