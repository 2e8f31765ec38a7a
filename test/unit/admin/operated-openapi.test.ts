// The descriptions of protocols' own routes on the admin listener: `openapi.json` in the folder of each front-end that has
// some, held against them.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { frontends } from '../../../src/app/worker.ts'

type Json = Readonly<Record<string, unknown>>

const folder = new URL('../../../src/frontends/', import.meta.url).pathname

function read(path: string): Json {
  return JSON.parse(readFileSync(path, 'utf8'))
}

function record(value: unknown): Json {
  ok(typeof value === 'object' && value !== null, String(value))
  return value as Json
}

/** All references, wherever they stand. */
function referencesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, own]) => (name === '$ref' ? [String(own)] : referencesIn(own)))
}

const operated = frontends.filter(({ operate = [] }) => operate.length > 0)

for (const { name, operate = [] } of operated) {
  describe(`openapi.json of ${name}`, () => {
    const path = join(folder, name, 'openapi.json')
    const root = read(path)

    test('has every route that is served, and no other', () => {
      const described = Object.entries(record(root['paths'])).flatMap(([place, item]) =>
        Object.keys(record(item))
          .filter(method => method !== 'parameters')
          .map(method => `${method.toUpperCase()} ${place}`),
      )
      const served = operate.flatMap(({ path: place, methods }) =>
        methods.map(method => `${method} /v1/${name}/${place}`),
      )
      deepEqual(described.sort(), served.sort())
    })

    test('has references that lead somewhere, in its own file and in the one of the listener', () => {
      for (const reference of referencesIn(root)) {
        const [file = '', place = ''] = reference.split('#')
        const document = file === '' ? root : read(join(dirname(path), file))
        const steps = place.split('/').slice(1)
        ok(steps.reduce<unknown>((at, step) => record(at)[step], document) !== undefined, reference)
      }
    })

    test('asks for the bearer, and says of each answer what it is', () => {
      deepEqual(root['security'], [{ bearer: [] }])
      for (const item of Object.values(record(root['paths']))) {
        for (const [method, operation] of Object.entries(record(item))) {
          if (method === 'parameters') continue
          const { responses, operationId } = record(operation)
          equal(typeof operationId, 'string')
          for (const status of ['200', '401', '503'])
            ok(status in record(responses), `${operationId} ${status}`)
        }
      }
    })
  })
}
