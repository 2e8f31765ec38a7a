// openapi.json against the routes that are served, and against itself.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { codes } from '../../../src/admin/refusals.ts'
import { isGuarded, routes } from '../../../src/admin/routes.ts'

type Json = Readonly<Record<string, unknown>>

const page = readFileSync(new URL('../../../src/admin/openapi.json', import.meta.url), 'utf8')
const root: Json = JSON.parse(page)

interface Operation {
  readonly path: string
  readonly method: string
  readonly own: Json
  readonly parameters: readonly Json[]
}

function record(value: unknown): Json {
  ok(typeof value === 'object' && value !== null, String(value))
  return value as Json
}

/** What a local reference leads to, however many steps away; other values as they are. */
function resolve(value: unknown): Json {
  const { $ref } = record(value)
  if ($ref === undefined) return record(value)
  const steps = String($ref).replace(/^#\//, '').split('/')
  return resolve(steps.reduce<unknown>((at, step) => record(at)[step], root))
}

function operations(): Operation[] {
  return Object.entries(record(root['paths'])).flatMap(([path, item]) => {
    const { parameters: shared = [], ...methods } = record(item)
    return Object.entries(methods).map(([method, value]) => {
      const own = record(value)
      const parameters = [...(shared as unknown[]), ...((own['parameters'] ?? []) as unknown[])].map(resolve)
      return { path, method: method.toUpperCase(), own, parameters }
    })
  })
}

describe('openapi.json', () => {
  test('has every route that is served, and no other', () => {
    const served = routes.flatMap(({ path, methods }) =>
      // HEAD goes where GET does, by RFC 9110; listing it would say everything twice.
      methods.filter(method => method !== 'HEAD').map(method => `${method} ${path}`),
    )
    deepEqual(
      operations()
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
      [...served].sort(),
    )
  })

  test('asks for the bearer where the listener does', () => {
    deepEqual(root['security'], [{ bearer: [] }])
    for (const { path, own } of operations()) {
      deepEqual(own['security'], isGuarded(path) ? undefined : [], path)
      equal('401' in record(own['responses']), isGuarded(path), path)
    }
  })

  test('has the form that OpenAPI 3.1 asks for', () => {
    match(String(root['openapi']), /^3\.1\.\d+$/)
    const { title, version } = record(root['info'])
    ok(typeof title === 'string' && typeof version === 'string')
    const ids = operations().map(({ own }) => own['operationId'])
    equal(new Set(ids).size, ids.length)
    for (const { path, own, parameters } of operations()) {
      match(path, /^\//)
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const inPath = parameters.filter(parameter => parameter['in'] === 'path')
      deepEqual(
        inPath.map(({ name, required }) => [name, required]),
        names.map(name => [name, true]),
        path,
      )
      for (const parameter of parameters)
        ok('schema' in parameter && ['path', 'query', 'header'].includes(String(parameter['in'])))
      for (const [status, response] of Object.entries(record(own['responses']))) {
        match(status, /^[2-5]\d\d$/)
        const { description, headers, content } = resolve(response)
        equal(typeof description, 'string')
        ok('X-Request-Id' in record(headers), `${path} ${status}`)
        for (const media of Object.values(record(content ?? {}))) resolve(record(media)['schema'])
      }
    }
  })

  test('has references that lead somewhere, and nothing that none leads to', () => {
    const targets = new Set([...page.matchAll(/"\$ref": "(#[^"]+)"/g)].map(([, target]) => String(target)))
    for (const target of targets) resolve({ $ref: target })
    for (const [kind, parts] of Object.entries(record(root['components']))) {
      if (kind === 'securitySchemes') continue
      for (const name of Object.keys(record(parts)))
        ok(targets.has(`#/components/${kind}/${name}`), `${kind} ${name}`)
    }
  })

  test('names every code of a refusal', () => {
    const { properties } = resolve({ $ref: '#/components/schemas/Problem' })
    deepEqual(record(record(properties)['code'])['enum'], codes)
  })
})

test('README names every path and every code', () => {
  const text = readFileSync(new URL('../../../src/admin/README.md', import.meta.url), 'utf8')
  for (const code of codes) ok(text.includes(`\`${code}\``), code)
  for (const { path } of routes) {
    const shown = path.replace('/v1', '$api').replace('{channel}', 'news')
    ok(text.includes(shown), shown)
  }
})
