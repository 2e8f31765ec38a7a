// Mints JSON Web Tokens with HMAC-SHA-512, at once: what verifies them may take a turn, what hands them out need not.
import { createHmac } from 'node:crypto'

const header = encode('{"alg":"HS512","typ":"JWT"}')

export function mintJwt(secret: string, claims: object): string {
  const signed = `${header}.${encode(JSON.stringify(claims))}`
  return `${signed}.${createHmac('sha512', secret).update(signed).digest('base64url')}`
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}
