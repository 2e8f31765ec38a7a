// Compact JSON Web Signatures with HMAC-SHA-256. The algorithm is fixed: the header part is signed but never
// decoded, so nothing in it can choose another one. What the payload claims is left to the caller.
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'

/** The payload of a token signed with one of the secrets; undefined for any other text. */
type HmacVerifier = (token: string) => Uint8Array | undefined

/** Several secrets allow a change of secret: tokens of the old and of the new one are valid side by side. */
export function createHmacVerifier(secrets: readonly string[]): HmacVerifier {
  const keys = secrets.map(keyOf)
  return token => {
    const payloadStart = token.indexOf('.') + 1
    const signatureStart = token.indexOf('.', payloadStart) + 1
    if (payloadStart === 0 || signatureStart === 0 || token.includes('.', signatureStart)) return undefined
    const signature = decodeBase64url(token.slice(signatureStart))
    if (signature?.length !== 32) return undefined
    const signed = token.slice(0, signatureStart - 1)
    if (!keys.some(key => timingSafeEqual(sign(key, signed), signature))) return undefined
    return decodeBase64url(token.slice(payloadStart, signatureStart - 1))
  }
}

/** A token as applications mint it; for tests, benches and the command line. Bytes are a key as they are. */
export function mintHmacToken(secret: string | Uint8Array, claims: object): string {
  const signed = `${encodeBase64url('{"alg":"HS256","typ":"JWT"}')}.${encodeBase64url(JSON.stringify(claims))}`
  return `${signed}.${sign(keyOf(secret), signed).toString('base64url')}`
}

function keyOf(secret: string | Uint8Array): KeyObject {
  return typeof secret === 'string' ? createSecretKey(secret, 'utf8') : createSecretKey(secret)
}

function sign(key: KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest()
}

function encodeBase64url(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}

/** RFC 7515 section 2: no padding, no other alphabet, no blanks; and no bits set that decode to nothing. */
function decodeBase64url(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64url')
  // Node's decoder skips what it does not know, so only the canonical text survives the way back.
  return bytes.toString('base64url') === text ? bytes : undefined
}
