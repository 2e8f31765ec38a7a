// `ringcast pushy`: which variables make which generation, and what refuses to start.
import { deepEqual, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dropIn } from '../../../src/frontends/pushy/drop-in.ts'
import { frontend } from '../../../src/frontends/pushy/frontend.ts'

const first = { AUTH_SECRET_KEY: 'k' }
const second = { ...first, PUBLISHER_CLIENT_ID: 'i', PUBLISHER_CLIENT_SECRET: 'p' }

function read(environment: Record<string, string>, args: readonly string[] = []) {
  const reading = dropIn.read(args, environment, 0)
  return reading.ok ? reading.environment : [reading.status, ...reading.lines]
}

const node = {
  RINGCAST_MODE: 'production',
  RINGCAST_ADMIN_LISTEN: 'off',
  RINGCAST_PUSHY_LISTEN: '0.0.0.0:4000',
}

describe('the drop-in', () => {
  test('is the first generation without a publisher: open tokens', () => {
    deepEqual(read(first), {
      ...node,
      RINGCAST_PUSHY_G1_OPEN: 'true',
      RINGCAST_PUSHY_SUBSCRIBE: '*',
      RINGCAST_PUSHY_PUBLISH: '*',
      ...first,
    })
  })

  test('is the second with one, on PORT; our own variables go before', () => {
    deepEqual(read({ ...second, PORT: '4001' }), {
      ...node,
      RINGCAST_PUSHY_LISTEN: '0.0.0.0:4001',
      ...second,
      PORT: '4001',
    })
    deepEqual(read({ ...second, RINGCAST_PUSHY_LISTEN: '127.0.0.1:9' }), {
      ...node,
      ...second,
      RINGCAST_PUSHY_LISTEN: '127.0.0.1:9',
    })
  })

  test('says what is missing, all at once', () => {
    deepEqual(read({}), [1, 'AUTH_SECRET_KEY not set'])
    deepEqual(read({ PUBLISHER_CLIENT_ID: '' }), [
      1,
      'AUTH_SECRET_KEY not set',
      'PUBLISHER_CLIENT_ID must not be empty',
      'PUBLISHER_CLIENT_SECRET not set',
    ])
    deepEqual(read({ AUTH_SECRET_KEY: '' }), [1, 'AUTH_SECRET_KEY must not be empty'])
    deepEqual(read({ ...second, AUTH_SECRET_KEY: ' ', PUBLISHER_CLIENT_SECRET: ' ' }), [
      1,
      'PUBLISHER_CLIENT_SECRET must not be empty',
    ])
    deepEqual(read({ ...first, PORT: '0' }), [1, "PORT must be a port, 1 to 65535, not '0'"])
    const refused = dropIn.read(['--port', '1'], first, 0)
    deepEqual(refused.ok ? 0 : refused.status, 2)
  })

  test('takes secrets from files and from our own variables', () => {
    for (const name of ['AUTH_SECRET_KEY_FILE', 'RINGCAST_PUSHY_SECRET', 'RINGCAST_PUSHY_SECRET_FILE']) {
      deepEqual(Array.isArray(read({ [name]: 'x' })), false, name)
    }
  })

  describe('with REDIS_URL', () => {
    const clusterIn = (redis: string, more: Record<string, string> = {}) => {
      const reading = dropIn.read([], { ...second, REDIS_URL: redis, ...more }, 0)
      if (!reading.ok) return reading.lines
      const own = Object.entries(reading.environment).filter(([name]) => name.startsWith('RINGCAST_CLUSTER_'))
      return [
        Object.fromEntries(own.map(([name, value]) => [name.slice(17), value])),
        ...(reading.remarks ?? []),
      ]
    }

    test('joins the other servers of that Redis, user and password apart from its address', () => {
      deepEqual(clusterIn('redis://redis:6379'), [{ MODE: 'redis', URL: 'redis://redis:6379' }])
      deepEqual(clusterIn('rediss://user:p%40ss@[::1]/0'), [
        { MODE: 'redis', URL: 'rediss://[::1]', USERNAME: 'user', PASSWORD: 'p@ss' },
      ])
      deepEqual(clusterIn('redis://:p@h:1/'), [{ MODE: 'redis', URL: 'redis://h:1', PASSWORD: 'p' }])
    })

    test('says that a database is nothing to it', () => {
      const [, remark] = clusterIn('redis://:hidden@h/3')
      match(String(remark), /^database 3 of REDIS_URL is not used/)
    })

    test('refuses what is no address of Redis, and never shows its password', () => {
      for (const url of [
        'hidden',
        'redis://u:hidden',
        'redis://u:hid%den@h',
        'http://u:hidden@h',
        'redis://a@b@h',
      ]) {
        deepEqual(clusterIn(url), ['REDIS_URL must look like redis://user:password@host:port/0'], url)
      }
    })

    test('goes behind settings of ours, and is nothing where it is empty', () => {
      deepEqual(clusterIn('redis://h', { RINGCAST_CLUSTER_MODE: 'solo' }), [{ MODE: 'solo' }])
      deepEqual(clusterIn('redis://:p@h', { RINGCAST_CLUSTER_PASSWORD_FILE: '/p' }), [
        { MODE: 'redis', URL: 'redis://h', PASSWORD_FILE: '/p' },
      ])
      deepEqual(clusterIn('redis://:p@h', { RINGCAST_CLUSTER_URL: 'redis://x' }), [{ URL: 'redis://x' }])
      deepEqual(clusterIn(''), [{}])
    })
  })
})

test('a token of the command line opens its channel until its time', () => {
  const settings = { secret: ['s'] } as unknown as Parameters<NonNullable<typeof frontend.token>['mint']>[0] // all it reads
  const token = frontend.token?.mint(settings, 'news.*', 7) ?? ''
  const [, claims = ''] = token.split('.')
  deepEqual(JSON.parse(Buffer.from(claims, 'base64url').toString()), { channels: ['news.*'], exp: 7 })
})

test('the path of a channel is found for proxies', () => {
  const path = new RegExp(frontend.channelPath ?? '')
  deepEqual(
    ['/channels/a/stream', '/publish/a', '/channels/a/ticket', '/sse', '/token'].map(
      each => path.exec(each)?.[1],
    ),
    ['a', 'a', 'a', undefined, undefined],
  )
})
