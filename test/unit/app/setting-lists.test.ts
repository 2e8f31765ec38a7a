import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readConfiguration } from '../../../src/app/configuration.ts'
import { sectionsFor } from '../../../src/app/node.ts'
import { frontends } from '../../../src/app/worker.ts'
import { variableOf } from '../../../src/settings/names.ts'
import { bareFrontend } from '../../helpers/bare-frontend.ts'

/** A protocol with lists, whichever others there are. */
const lodge = bareFrontend('lodge')

describe('a list', () => {
  const mistakesOf = (environment: Record<string, string>) =>
    readConfiguration([...frontends, lodge], { environment }, { hex: bytes => '5a'.repeat(bytes) }).mistakes
  const listsOf = (of: string) =>
    sectionsFor(frontends).flatMap(({ name, fields }) =>
      Object.entries(fields)
        .filter(([, field]) => field.type === 'list' && field.of === of)
        .map(([key]) => variableOf(name, key)),
    )

  test('of origins is refused where no browser sends one of them, by all who have one', () => {
    for (const variable of [...listsOf('origins'), ...listsOf('origins, or *')]) {
      deepEqual(mistakesOf({ [variable]: 'https://example.org/,http://localhost:3000,app://x' }), [])
      for (const [text, meant] of [
        ['example.org', 'https://example.org'],
        ['https://example.org/app', 'https://example.org'],
        ['https://example.org:443', 'https://example.org'],
      ]) {
        deepEqual(mistakesOf({ [variable]: `https://a.example,${text}` }), [
          `${variable} has '${text}', which is no origin as browsers send it (scheme://host[:port]); did you mean ${meant}?`,
        ])
      }
      deepEqual(mistakesOf({ [variable]: 'https://*.example.org' }), [
        `${variable} has 'https://*.example.org', which is no origin: a star stands for nothing in it, so list each`,
      ])
    }
  })

  test('of origins may be a star where that stands for all', () => {
    for (const variable of listsOf('origins, or *')) deepEqual(mistakesOf({ [variable]: '*' }), [])
    for (const variable of listsOf('origins')) equal(mistakesOf({ [variable]: '*' }).length, 1)
    ok(listsOf('origins').includes('RINGCAST_ADMIN_ORIGINS'))
  })

  test('of hosts is refused where one of them is none, and all are told', () => {
    deepEqual(mistakesOf({ RINGCAST_ADMIN_HOSTS: 'ops,http://ops:7878,::1' }), [
      "RINGCAST_ADMIN_HOSTS has 'http://ops:7878', which is no host: write a name or an address alone; did you mean ops?",
      "RINGCAST_ADMIN_HOSTS has '::1', which is no host: write a name or an address alone; did you mean [::1]?",
    ])
  })

  test('of patterns is refused where one of them fits no channel', () => {
    const longest = `${'x'.repeat(1_024)}*`
    deepEqual(mistakesOf({ RINGCAST_LODGE_SUBSCRIBE: `news.*,${longest}` }), [])
    deepEqual(mistakesOf({ RINGCAST_LODGE_SUBSCRIBE: `news.*,x${longest}` }), [
      `RINGCAST_LODGE_SUBSCRIBE: ${'x'.repeat(40)}… is longer than the name of any channel`,
    ])
  })
})
