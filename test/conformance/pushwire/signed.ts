// Tokens that rows sign. One that is to end soon stands in a row as `EXPIRES`, and is made when it is sent.
import { createHmac } from 'node:crypto'
import { signed } from './settings.ts'

/** HS256, which is what the original's users have. */
export function jwt(claims: object, secret: string = signed.secret): string {
  const body = `${encode('{"alg":"HS256","typ":"JWT"}')}.${encode(JSON.stringify(claims))}`
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
}

/** Long enough to come in by, on a machine that has other work. */
const soonSeconds = 3

export function withExpiring(text: string): string {
  if (!text.includes('EXPIRES')) return text
  return text.replace('EXPIRES', jwt({ exp: Math.floor(Date.now() / 1_000) + soonSeconds }))
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}
