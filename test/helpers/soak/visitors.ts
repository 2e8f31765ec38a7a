// What a client of each protocol sends to be let in, so that the tables of each front-end are turned over, and the
// engine's by all of them.
import { mintHmacToken } from '../../../src/auth/hmac-token.ts'
import { mintJwt } from '../../../src/auth/jwt-mint.ts'
import * as registry from '../../../src/frontends/registry.ts'
import { secrets } from '../daemon.ts'
import { frame, handshake, opcode } from '../raw-websocket.ts'

const expires = 4_102_444_800

export interface Visitor {
  readonly protocol: 'rpushd' | 'pushy' | 'pinghub'
  /** How the answer of one that is let in begins. */
  readonly status: string
  /** Each channel has its token, however often it is visited: verified tokens are remembered. */
  request(channel: string): string
  /** Said once it is let in; its channel's subscribers hear it, itself among them. */
  readonly message?: Buffer
}

const all: readonly Visitor[] = [
  {
    protocol: 'rpushd',
    status: 'HTTP/1.1 200',
    request(channel) {
      const claims = { aud: 'rpushd', channel, exp: expires, scope: 'subscribe' }
      const body = JSON.stringify({ token: mintHmacToken(secrets.subscribe, claims) })
      return `POST /api/stream/${channel} HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    },
  },
  {
    protocol: 'pushy',
    status: 'HTTP/1.1 200',
    request(channel) {
      const token = mintJwt(secrets.jwt, { channels: [channel], exp: expires })
      return `GET /channels/${channel}/stream HTTP/1.1\r\nhost: t\r\nauthorization: Bearer ${token}\r\n\r\n`
    },
  },
  {
    protocol: 'pinghub',
    status: 'HTTP/1.1 101',
    request: channel => handshake(`/${channel}`),
    message: frame(opcode.text, 'hello'),
  },
]

export const visitors = all.filter(({ protocol }) => Object.hasOwn(registry, protocol))
