// Checks a name and a secret that come side by side. Digests have one length and both are always compared, so the time
// tells nothing of either, nor which of them was wrong.
import { hash, timingSafeEqual } from 'node:crypto'

type CredentialCheck = (id: string | undefined, secret: string | undefined) => boolean

/** Several secrets allow a change of secret. Without any, or without a name, nobody passes. */
export function createCredentialCheck(id: string, secrets: readonly string[]): CredentialCheck {
  const isUsable = id !== ''
  const expectedId = digest(id)
  const expectedSecrets = secrets.map(digest)
  return (givenId, givenSecret) => {
    if (!isUsable || givenId === undefined || givenSecret === undefined) return false
    const isId = timingSafeEqual(digest(givenId), expectedId)
    const given = digest(givenSecret)
    const matching = expectedSecrets.filter(expected => timingSafeEqual(given, expected))
    return isId && matching.length > 0
  }
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
