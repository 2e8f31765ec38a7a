// Automatic CORS (contract §12.1).
import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { withCors } from '../../../../src/frontends/grip/proxy/cors.ts'

const methods = ['Access-Control-Allow-Methods', 'OPTIONS, HEAD, GET, POST, PUT, DELETE'] as const
const credentials = ['Access-Control-Allow-Credentials', 'true'] as const
const age = ['Access-Control-Max-Age', '3600'] as const
const any = ['Access-Control-Allow-Origin', '*'] as const

describe('an answer', () => {
  test('lets every page read it', () => {
    deepEqual(withCors([], []), [...methods, ...credentials, ...any, ...age])
  })

  test('lets the page that asks read it', () => {
    const origin = ['Access-Control-Allow-Origin', 'http://page'] as const
    deepEqual(withCors(['Origin', 'http://page'], []), [...methods, ...credentials, ...origin, ...age])
  })

  test('to who asks what is allowed allows just that', () => {
    const asked = ['Access-Control-Request-Method', 'PATCH', 'Access-Control-Request-Headers', 'X-A, X-B']
    deepEqual(withCors(asked, []), [
      ...['Access-Control-Allow-Methods', 'PATCH'],
      ...['Access-Control-Allow-Headers', 'X-A, X-B'],
      ...credentials,
      ...any,
      ...age,
    ])
  })

  test('shows its headers but those that are safe, ours, or about this, each once', () => {
    const own = ['X-A', '1', 'content-type', 't', 'Grip-Hold', 's', 'Set-Cookie', 'a', 'Set-Cookie', 'b']
    const exposed = ['Access-Control-Expose-Headers', 'X-A, Set-Cookie']
    deepEqual(withCors([], own), [...own, ...methods, ...exposed, ...credentials, ...any, ...age])
  })

  test('keeps what its origin says, in any case', () => {
    const own = ['access-control-allow-origin', 'http://other', 'ACCESS-CONTROL-MAX-AGE', '1']
    deepEqual(withCors(['Origin', 'http://page'], own), [...own, ...methods, ...credentials])
  })
})
